/// Keras' EarlyStopping(restore_best_weights=True), as a state machine: pure, and decided by rank 0.
public struct EarlyStopping: Codable, Equatable, Sendable {
  /// What to do after an epoch.
  public struct Decision: Equatable, Sendable {
    /// The epoch's weights are the best so far: keep them.
    public var keepsWeights: Bool
    /// Stop training.
    public var stops: Bool
  }

  /// Epochs without improvement after which training stops; nil for never.
  public let patience: Int?
  /// Whether every epoch's weights are kept, so that the last ones are the result.
  public let keepsLast: Bool
  /// What is to improve.
  public let monitor: Monitor
  /// By more than how much.
  public let minDelta: Double
  /// The best value so far; nil before the first.
  public private(set) var best: Double?
  /// The epoch of the weights that are kept, from 1; nil before the first.
  public private(set) var bestEpoch: Int?
  /// Whether training is to end.
  public private(set) var isOver = false
  /// The epochs since the last improvement.
  public private(set) var wait = 0

  /// Before the first epoch.
  public init(
    patience: Int?, keepsLast: Bool = false, monitor: Monitor = .validationLoss, minDelta: Double = 0
  ) {
    self.patience = patience
    self.keepsLast = keepsLast
    self.monitor = monitor
    self.minDelta = minDelta
  }

  /// Takes the monitored value of epoch `epoch`, counted from 1. A value that is not a number is no improvement; the first
  /// epoch's weights are kept whatever they are, and the first epoch never stops training.
  public mutating func epochEnded(_ epoch: Int, value: Double) -> Decision {
    let isFirst = bestEpoch == nil
    wait += 1
    if monitor.improves(value, on: best, by: minDelta) {
      best = value
      bestEpoch = epoch
      wait = 0
      return Decision(keepsWeights: true, stops: false)
    }
    let keeps = isFirst || keepsLast
    if keeps { bestEpoch = epoch }
    isOver = wait >= patience ?? .max && epoch > 1
    return Decision(keepsWeights: keeps, stops: isOver)
  }
}
