/// A named set of hyperparameters, each of which can be overridden.
public enum Recipe: String, Codable, CaseIterable, Sendable {
  /// The original program's.
  case keras
  /// The one that reads the test images best. Augmentation takes dropout's place in it, and it makes no choice by the
  /// validation rows.
  case best
  /// A third of `best`'s epochs, at a higher learning rate.
  case fast

  /// The hyperparameters.
  public var configuration: TrainingConfiguration {
    var configuration = TrainingConfiguration()
    guard self != .keras else { return configuration }
    configuration.epochs = self == .best ? 75 : 27
    configuration.batchSize = 64
    configuration.learningRate = self == .best ? 0.006 : 0.008
    configuration.schedule = .cosine
    configuration.warmupEpochs = 2
    configuration.weightDecay = 0.1
    configuration.patience = nil
    configuration.keep = .last
    configuration.dropout = 0
    configuration.recurrentDropout = 0
    configuration.ema = 0.999
    configuration.standardize = true
    configuration.augment = .best
    return configuration
  }
}
