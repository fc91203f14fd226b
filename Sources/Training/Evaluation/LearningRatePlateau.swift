/// Keras' ReduceLROnPlateau, as a state machine: pure, and decided by rank 0.
public struct LearningRatePlateau: Codable, Equatable, Sendable {
  /// What is to improve, and by more than how much.
  public let monitor: Monitor, minDelta: Double
  /// The factor of a reduction, below 1.
  public let factor: Double
  /// Epochs without improvement after which the rate is reduced.
  public let patience: Int
  /// Epochs after a reduction in which none are counted.
  public let cooldown: Int
  /// The lowest rate.
  public let minRate: Double
  /// The rate of the next epoch.
  public private(set) var rate: Double
  /// The epochs without improvement that are counted.
  public private(set) var wait = 0
  private var best: Double?
  private var cooldownLeft = 0

  /// Before the first epoch.
  public init(
    monitor: Monitor, rate: Double, factor: Double, patience: Int, minDelta: Double, cooldown: Int, minRate: Double
  ) {
    self.monitor = monitor
    self.rate = rate
    self.factor = factor
    self.patience = patience
    self.minDelta = minDelta
    self.cooldown = cooldown
    self.minRate = minRate
  }

  /// Takes the monitored value of an epoch.
  ///
  /// - Returns: the number of epochs without improvement for which the rate is now reduced; nil if it stays.
  public mutating func epochEnded(value: Double) -> Int? {
    if cooldownLeft > 0 {
      cooldownLeft -= 1
      wait = 0
    }
    if monitor.improves(value, on: best, by: minDelta) {
      best = value
      wait = 0
      return nil
    }
    guard cooldownLeft == 0 else { return nil }
    wait += 1
    guard wait >= patience, rate > minRate else { return nil }
    defer { wait = 0 }
    rate = max(rate * factor, minRate)
    cooldownLeft = cooldown
    return wait
  }
}
