import CTargetCPU

/// The constants of one step of RMSprop (Hinton, 2012), in Keras 3's form, with ε inside the root:
///
///     v = ρ v + (1 - ρ) g²     a = ρ a + (1 - ρ) g     d = √(v + ε), or centered √(v - a² + ε)
///     u = momentum · u + rate · g / d     θ -= u
public struct RMSpropConstants: Sendable {
  /// The factor from the summed to the mean gradient.
  public var gradientScale: Float
  /// The learning rate.
  public var rate: Float
  /// ρ, and 1 - ρ.
  public var rho: Float, oneMinusRho: Float
  /// The fraction of the last update that is kept; 0 where there is no vector of it.
  public var momentum: Float
  /// ε.
  public var epsilon: Float

  /// The constants of one training step.
  public init(gradientScale: Float, rate: Float, rho: Float, oneMinusRho: Float, momentum: Float, epsilon: Float) {
    self.gradientScale = gradientScale
    self.rate = rate
    (self.rho, self.oneMinusRho) = (rho, oneMinusRho)
    self.momentum = momentum
    self.epsilon = epsilon
  }
}

/// Takes a step of RMSprop on `count` parameters (a multiple of 16).
///
/// The variance v - a² is never negative but for rounding; where rounding makes it so, zero takes its place, of which a root
/// can be taken.
///
/// - Parameters:
///   - velocity: v.
///   - average: a; nil where RMSprop is not centered.
///   - update: u; nil without momentum.
public func rmspropStep(
  _ constants: RMSpropConstants, gradient: UnsafePointer<Float>, parameters: UnsafeMutablePointer<Float>,
  velocity: UnsafeMutablePointer<Float>, average: UnsafeMutablePointer<Float>?, update: UnsafeMutablePointer<Float>?,
  count: Int
) {
  let scale = Lanes(repeating: constants.gradientScale)
  let (rho, share) = (Lanes(repeating: constants.rho), Lanes(repeating: constants.oneMinusRho))
  let (rate, momentum) = (Lanes(repeating: constants.rate), Lanes(repeating: constants.momentum))
  let epsilon = Lanes(repeating: constants.epsilon)
  for at in vectors(count) {
    let g = Lanes.load(gradient + at) * scale
    let v = Lanes.load(velocity + at) * rho + g * g * share
    v.store(velocity + at)
    var variance = v
    if let average {
      let a = Lanes.load(average + at) * rho + g * share
      a.store(average + at)
      variance = (v - a * a).rectified()
    }
    var u = rate * g / target_cpu_square_roots(variance + epsilon)
    if let update {
      u += Lanes.load(update + at) * momentum
      u.store(update + at)
    }
    (Lanes.load(parameters + at) - u).store(parameters + at)
  }
}
