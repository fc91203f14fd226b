import Kernels

/// The learning rate of every step of a run: a pure function of the step's number, the same bits on every machine.
public struct LearningRateSchedule: Equatable, Sendable {
  /// How the rate falls from its peak.
  public enum Decay: Equatable, Sendable {
    /// It does not.
    case constant
    /// Along half a cosine, from the warm-up's end to 0 behind the last step, as Keras' `CosineDecay`.
    case cosine
    /// By a factor each time that so many steps are done, counted from the first.
    case steps(every: Int, factor: Double)
  }

  /// The rate after the warm-up.
  public let peak: Double
  /// The steps in which the rate rises linearly from 0; the last of them has the peak.
  public let warmUpSteps: Int
  /// The steps of the whole run.
  public let totalSteps: Int
  /// How the rate falls.
  public let decay: Decay

  /// A schedule.
  public init(peak: Double, decay: Decay = .constant, warmUpSteps: Int = 0, totalSteps: Int) {
    self.peak = peak
    self.decay = decay
    self.warmUpSteps = warmUpSteps
    self.totalSteps = totalSteps
  }

  /// The rate of step number `step`, counted from 1.
  ///
  /// In the warm-up it is peak · step / warmUpSteps: Keras' rule one step later, whose first step would go nowhere.
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

/// (1 + cos πx) / 2 for x from 0 to 1: cos²(πx/2), or beyond the middle sin²(π(1 - x)/2), so that the angle is below π/4.
func halfCosine(_ x: Double) -> Double {
  if x <= 0.5 {
    let cosine = sineAndCosine(x * (Double.pi / 2)).cosine
    return cosine * cosine
  }
  let sine = sineAndCosine((1 - x) * (Double.pi / 2)).sine
  return sine * sine
}
