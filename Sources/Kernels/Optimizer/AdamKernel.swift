import CTargetCPU

/// The constants of one Adam step (Kingma and Ba, 2015), in Keras 3's form:
///
///     m += (g - m) (1 - β1)     v += (g² - v) (1 - β2)     θ -= rate · m / (√v + ε)
///
/// with rate = learning rate · √(1 - β2^t) / (1 - β1^t), so that ε is outside the bias correction.
public struct AdamConstants: Sendable {
  /// The factor from the summed to the mean gradient: 1 / samples of the batch.
  public var gradientScale: Float
  /// 1 - β1.
  public var oneMinusBeta1: Float
  /// 1 - β2.
  public var oneMinusBeta2: Float
  /// ε.
  public var epsilon: Float
  /// The bias-corrected learning rate.
  public var rate: Float

  /// The constants of one training step.
  public init(
    gradientScale: Float, oneMinusBeta1: Float, oneMinusBeta2: Float, epsilon: Float, rate: Float
  ) {
    self.gradientScale = gradientScale
    self.oneMinusBeta1 = oneMinusBeta1
    self.oneMinusBeta2 = oneMinusBeta2
    self.epsilon = epsilon
    self.rate = rate
  }
}

/// Takes an Adam step on `count` parameters (a multiple of 16) and their two moments.
///
/// - Returns: the sums of the words read and written. These additions cost almost nothing next to the square root and the
///   division.
@discardableResult
public func adamStep(
  _ constants: AdamConstants, gradient: UnsafePointer<Float>, parameters: UnsafeMutablePointer<Float>,
  moment1: UnsafeMutablePointer<Float>, moment2: UnsafeMutablePointer<Float>, count: Int
) -> StepWordSums {
  var (read, read1, read2) = (WordLanes(), WordLanes(), WordLanes())
  var (written, written1, written2) = (WordLanes(), WordLanes(), WordLanes())
  let scale = Lanes(repeating: constants.gradientScale)
  let keep1 = Lanes(repeating: constants.oneMinusBeta1)
  let keep2 = Lanes(repeating: constants.oneMinusBeta2)
  let epsilon = Lanes(repeating: constants.epsilon)
  let rate = Lanes(repeating: constants.rate)
  for at in vectors(count) {
    let g = Lanes.load(gradient + at) * scale
    var m = Lanes.load(moment1 + at)
    var v = Lanes.load(moment2 + at)
    let theta = Lanes.load(parameters + at)
    read &+= unsafeBitCast(theta, to: WordLanes.self)
    read1 &+= unsafeBitCast(m, to: WordLanes.self)
    read2 &+= unsafeBitCast(v, to: WordLanes.self)
    m.addProduct(g - m, keep1)
    v.addProduct(g * g - v, keep2)
    m.store(moment1 + at)
    v.store(moment2 + at)
    let step = rate * m / (target_cpu_square_roots(v) + epsilon)
    let stepped = theta - step
    stepped.store(parameters + at)
    written &+= unsafeBitCast(stepped, to: WordLanes.self)
    written1 &+= unsafeBitCast(m, to: WordLanes.self)
    written2 &+= unsafeBitCast(v, to: WordLanes.self)
  }
  return StepWordSums(
    before: SIMD8(read.wrappedSum(), read1.wrappedSum(), read2.wrappedSum(), 0, 0, 0, 0, 0),
    after: SIMD8(written.wrappedSum(), written1.wrappedSum(), written2.wrappedSum(), 0, 0, 0, 0, 0))
}
