import CTargetCPU

/// The constants of one Adam step (Kingma and Ba, 2015), in the form that Keras 3 gives it:
///
///     m += (g - m) (1 - β1)     v += (g² - v) (1 - β2)     θ -= rate · m / (√v + ε)
///
/// with rate = learning rate · √(1 - β2^t) / (1 - β1^t), so that ε stands outside the bias correction.
public struct AdamConstants: Sendable {
  /// What the gradient is multiplied by first: 1 / samples of the batch, as the buffers hold sums.
  public var gradientScale: Float
  /// 1 - β1.
  public var oneMinusBeta1: Float
  /// 1 - β2.
  public var oneMinusBeta2: Float
  /// ε.
  public var epsilon: Float
  /// The bias-corrected learning rate.
  public var rate: Float
  /// What is first taken from each parameter, as a fraction of it: learning rate · weight decay; 0 for none.
  public var decay: Float

  /// The constants of one step.
  public init(
    gradientScale: Float, oneMinusBeta1: Float, oneMinusBeta2: Float, epsilon: Float, rate: Float, decay: Float = 0
  ) {
    self.gradientScale = gradientScale
    self.oneMinusBeta1 = oneMinusBeta1
    self.oneMinusBeta2 = oneMinusBeta2
    self.epsilon = epsilon
    self.rate = rate
    self.decay = decay
  }
}

/// Steps `count` parameters (a multiple of 16) and their two moments. The decay is `decayWeights`' part, not this one's.
public func adamStep(
  _ constants: AdamConstants, gradient: UnsafePointer<Float>, parameters: UnsafeMutablePointer<Float>,
  moment1: UnsafeMutablePointer<Float>, moment2: UnsafeMutablePointer<Float>, count: Int
) {
  let scale = Lanes(repeating: constants.gradientScale)
  let keep1 = Lanes(repeating: constants.oneMinusBeta1)
  let keep2 = Lanes(repeating: constants.oneMinusBeta2)
  let epsilon = Lanes(repeating: constants.epsilon)
  let rate = Lanes(repeating: constants.rate)
  forEachVector(count) { at in
    let g = Lanes.load(gradient + at) * scale
    var m = Lanes.load(moment1 + at)
    var v = Lanes.load(moment2 + at)
    m.addProduct(g - m, keep1)
    v.addProduct(g * g - v, keep2)
    m.store(moment1 + at)
    v.store(moment2 + at)
    let step = rate * m / (target_cpu_square_roots(v) + epsilon)
    (Lanes.load(parameters + at) - step).store(parameters + at)
  }
}
