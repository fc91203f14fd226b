/// θ -= rate · g for `count` parameters (a multiple of 16): gradient descent, with g = gradientScale · gradient.
public func gradientDescentStep(
  gradientScale: Float, rate: Float, gradient: UnsafePointer<Float>, parameters: UnsafeMutablePointer<Float>, count: Int
) {
  let (scale, rate) = (Lanes(repeating: gradientScale), Lanes(repeating: rate))
  for at in vectors(count) {
    let g = Lanes.load(gradient + at) * scale
    (Lanes.load(parameters + at) - g * rate).store(parameters + at)
  }
}

/// The constants of a step of gradient descent with momentum, in Keras 3's form, which keeps the learning rate in the velocity:
///
///     m = momentum · m - rate · g     θ += m, or with Nesterov's momentum θ += momentum · m - rate · g
public struct MomentumConstants: Sendable {
  /// The factor from the summed to the mean gradient.
  public var gradientScale: Float
  /// The learning rate.
  public var rate: Float
  /// The fraction of the velocity that is kept.
  public var momentum: Float
  /// Whether θ looks ahead along the new velocity (Nesterov, 1983).
  public var isNesterov: Bool

  /// The constants of one training step.
  public init(gradientScale: Float, rate: Float, momentum: Float, isNesterov: Bool) {
    self.gradientScale = gradientScale
    self.rate = rate
    self.momentum = momentum
    self.isNesterov = isNesterov
  }
}

/// Takes a step of gradient descent with momentum on `count` parameters (a multiple of 16) and their velocity.
public func momentumStep(
  _ constants: MomentumConstants, gradient: UnsafePointer<Float>, parameters: UnsafeMutablePointer<Float>,
  velocity: UnsafeMutablePointer<Float>, count: Int
) {
  let scale = Lanes(repeating: constants.gradientScale)
  let (rate, momentum) = (Lanes(repeating: constants.rate), Lanes(repeating: constants.momentum))
  for at in vectors(count) {
    let descent = Lanes.load(gradient + at) * scale * rate
    let m = Lanes.load(velocity + at) * momentum - descent
    m.store(velocity + at)
    let move = constants.isNesterov ? m * momentum - descent : m
    (Lanes.load(parameters + at) + move).store(parameters + at)
  }
}

/// The constants of one step of Lion (Chen et al., 2023), in Keras 3's form:
///
///     θ -= rate · sign(β1 m + (1 - β1) g)     m = β2 m + (1 - β2) g
public struct LionConstants: Sendable {
  /// The factor from the summed to the mean gradient.
  public var gradientScale: Float
  /// The learning rate, which is the length of every parameter's step.
  public var rate: Float
  /// β1, and 1 - β1.
  public var beta1: Float, oneMinusBeta1: Float
  /// β2, and 1 - β2.
  public var beta2: Float, oneMinusBeta2: Float

  /// The constants of one training step.
  public init(
    gradientScale: Float, rate: Float, beta1: Float, oneMinusBeta1: Float, beta2: Float, oneMinusBeta2: Float
  ) {
    self.gradientScale = gradientScale
    self.rate = rate
    (self.beta1, self.oneMinusBeta1) = (beta1, oneMinusBeta1)
    (self.beta2, self.oneMinusBeta2) = (beta2, oneMinusBeta2)
  }
}

/// Takes a step of Lion on `count` parameters (a multiple of 16) and their momentum. The sign of zero is zero, and that of NaN
/// is NaN.
public func lionStep(
  _ constants: LionConstants, gradient: UnsafePointer<Float>, parameters: UnsafeMutablePointer<Float>,
  momentum: UnsafeMutablePointer<Float>, count: Int
) {
  let scale = Lanes(repeating: constants.gradientScale)
  let (rate, opposite) = (Lanes(repeating: constants.rate), Lanes(repeating: -constants.rate))
  let (beta1, share1) = (Lanes(repeating: constants.beta1), Lanes(repeating: constants.oneMinusBeta1))
  let (beta2, share2) = (Lanes(repeating: constants.beta2), Lanes(repeating: constants.oneMinusBeta2))
  for at in vectors(count) {
    let g = Lanes.load(gradient + at) * scale
    let m = Lanes.load(momentum + at)
    let direction = m * beta1 + g * share1
    // What is neither above nor below zero is zero or NaN, and so is its step.
    var step = direction
    step.replace(with: rate, where: direction .> Lanes())
    step.replace(with: opposite, where: direction .< Lanes())
    (Lanes.load(parameters + at) - step).store(parameters + at)
    (m * beta2 + g * share2).store(momentum + at)
  }
}
