import Training
import Transforms

extension TrainingConfiguration {
  /// The recipe `best` with every other option on, in a run of 2 epochs of 7 steps.
  public static var everything: TrainingConfiguration {
    var configuration = Recipe.best.configuration
    configuration.epochs = 2
    configuration.stepsPerEpoch = 7
    configuration.batchSize = 44
    configuration.warmupEpochs = 0.5
    (configuration.dropout, configuration.recurrentDropout) = (0.1, 0.1)
    configuration.labelSmoothing = 0.05
    configuration.weightDecay = 0.01
    configuration.clipNorm = 0.25
    return configuration
  }
}
