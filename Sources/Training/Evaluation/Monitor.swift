/// A number of an epoch by which early stopping, the best weights and a plateau of the learning rate are decided, under Keras'
/// name.
public enum Monitor: String, Codable, CaseIterable, Sendable {
  /// The mean loss over the validation rows.
  case validationLoss = "val_loss"
  /// The fraction of the validation rows that are read correctly.
  case validationAccuracy = "val_accuracy"
  /// The mean loss over the epoch's training samples.
  case loss
  /// The fraction of the epoch's training samples that were read correctly.
  case accuracy

  /// The number, of an epoch's means.
  func value(training: Means, validation: Means) -> Double {
    switch self {
    case .validationLoss: validation.loss
    case .validationAccuracy: validation.accuracy
    case .loss: training.loss
    case .accuracy: training.accuracy
    }
  }

  /// Whether a value is better than the best one by more than `minDelta`: a loss lower, an accuracy higher. The first value is
  /// better than none. What is not a number is never better, and unlike in Keras no first value either.
  package func improves(_ value: Double, on best: Double?, by minDelta: Double) -> Bool {
    guard let best else { return !value.isNaN }
    return switch self {
    case .validationLoss, .loss: value + minDelta < best
    case .validationAccuracy, .accuracy: value - minDelta > best
    }
  }
}
