/// Keras' EarlyStopping(monitor="val_loss", restore_best_weights=True), as a state machine: pure, and decided by rank 0.
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
  /// The lowest validation loss so far.
  public private(set) var bestLoss = Double.infinity
  /// The epoch of the weights that are kept, from 1; nil before the first.
  public private(set) var bestEpoch: Int?
  /// Whether training is to end.
  public private(set) var isOver = false
  private var wait = 0

  /// Before the first epoch.
  public init(patience: Int?, keepsLast: Bool = false) {
    self.patience = patience
    self.keepsLast = keepsLast
  }

  /// Takes the validation loss of epoch `epoch`, counted from 1. A loss that is not a number is no improvement; the first
  /// epoch's weights are kept whatever they are, and the first epoch never stops training.
  public mutating func epochEnded(_ epoch: Int, validationLoss: Double) -> Decision {
    let isFirst = bestEpoch == nil
    wait += 1
    if validationLoss < bestLoss {
      bestLoss = validationLoss
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
