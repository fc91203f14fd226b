import Kernels

/// A learning rate schedule: a pure function of the training step, with the same bits on every machine.
public struct LearningRateSchedule: Equatable, Sendable {
  /// How the rate decays from its peak.
  public enum Decay: Equatable, Sendable {
    /// No decay.
    case constant
    /// Cosine decay from the end of the warm-up to 0 after the last step, as in Keras' `CosineDecay`.
    case cosine
    /// Step decay: multiplied by `factor` after every `every` training steps, counted from the first.
    case steps(every: Int, factor: Double)
  }

  /// The learning rate at the end of the warm-up.
  public var peak: Double
  /// The number of steps of linear warm-up from 0; the last of them has the peak rate.
  public let warmUpSteps: Int
  /// The number of steps of the whole run.
  public let totalSteps: Int
  /// How the rate decays after the warm-up.
  public let decay: Decay

  /// A schedule, by default of a constant rate.
  public init(peak: Double, decay: Decay = .constant, warmUpSteps: Int = 0, totalSteps: Int) {
    self.peak = peak
    self.decay = decay
    self.warmUpSteps = warmUpSteps
    self.totalSteps = totalSteps
  }

  /// The learning rate of training step `step`, counted from 1.
  ///
  /// During the warm-up it is peak · step / warmUpSteps. That is Keras' rule shifted by one step; with Keras' rule the
  /// first step has a rate of 0.
  public func rate(step: Int) -> Double {
    let earlier = step - 1
    if earlier < warmUpSteps { return peak * (Double(step) / Double(warmUpSteps)) }
    switch decay {
    case .constant: return peak
    case .cosine:
      let steps = totalSteps - warmUpSteps
      return peak * halfCosine(min(1, Double(earlier - warmUpSteps) / Double(max(steps, 1))))
    case .steps(let every, let factor): return peak * power(factor, earlier / every)
    }
  }
}

/// (1 + cos πx) / 2 for 0 <= x <= 1: cos²(πx/2), or sin²(π(1 - x)/2) for x > 1/2, so that the angle is at most π/4.
func halfCosine(_ x: Double) -> Double {
  if x <= 0.5 {
    let cosine = sineAndCosine(x * (Double.pi / 2)).cosine
    return cosine * cosine
  }
  let sine = sineAndCosine((1 - x) * (Double.pi / 2)).sine
  return sine * sine
}
