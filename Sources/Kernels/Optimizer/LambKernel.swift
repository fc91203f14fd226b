import CTargetCPU

/// The constants of one step of LAMB (You et al., 2020), in Keras 3's form:
///
///     m += (g - m) (1 - β1)     v += (g² - v) (1 - β2)     u = m / (1 - β1^t) / (√(v / (1 - β2^t)) + ε)
///     θ -= rate · ‖θ‖ / ‖u‖ · u, with the norms over each tensor
public struct LambConstants: Sendable {
  /// The factor from the summed to the mean gradient.
  public var gradientScale: Float
  /// 1 - β1, and 1 - β2.
  public var oneMinusBeta1: Float, oneMinusBeta2: Float
  /// 1 - β1^t, and 1 - β2^t in step t: by them the means of zeros and gradients become those of gradients alone.
  public var correction1: Float, correction2: Float
  /// ε.
  public var epsilon: Float

  /// The constants of one training step.
  public init(
    gradientScale: Float, oneMinusBeta1: Float, oneMinusBeta2: Float, correction1: Float, correction2: Float,
    epsilon: Float
  ) {
    self.gradientScale = gradientScale
    (self.oneMinusBeta1, self.oneMinusBeta2) = (oneMinusBeta1, oneMinusBeta2)
    (self.correction1, self.correction2) = (correction1, correction2)
    self.epsilon = epsilon
  }
}

/// The first half of a step of LAMB on `count` parameters (a multiple of 16): the moments, and the updates u.
public func lambUpdates(
  _ constants: LambConstants, gradient: UnsafePointer<Float>, moment1: UnsafeMutablePointer<Float>,
  moment2: UnsafeMutablePointer<Float>, into updates: UnsafeMutablePointer<Float>, count: Int
) {
  let scale = Lanes(repeating: constants.gradientScale)
  let (keep1, keep2) = (Lanes(repeating: constants.oneMinusBeta1), Lanes(repeating: constants.oneMinusBeta2))
  let (correction1, correction2) = (
    Lanes(repeating: constants.correction1), Lanes(repeating: constants.correction2)
  )
  let epsilon = Lanes(repeating: constants.epsilon)
  for at in vectors(count) {
    let g = Lanes.load(gradient + at) * scale
    var m = Lanes.load(moment1 + at)
    var v = Lanes.load(moment2 + at)
    m.addProduct(g - m, keep1)
    v.addProduct(g * g - v, keep2)
    m.store(moment1 + at)
    v.store(moment2 + at)
    (m / correction1 / (target_cpu_square_roots(v / correction2) + epsilon)).store(updates + at)
  }
}

/// The second half: θ -= rate · u for `count` parameters, which need be no multiple of 16: a tensor may end anywhere.
public func subtractUpdates(
  _ updates: UnsafePointer<Float>, rate: Float, from parameters: UnsafeMutablePointer<Float>, count: Int
) {
  for index in 0..<count { parameters[index] -= rate * updates[index] }
}

/// The sum of the squares of `count` numbers, one after the other in double precision, in which every square is exact.
public func squareSum(_ values: UnsafePointer<Float>, count: Int) -> Double {
  var sum = 0.0
  for index in 0..<count { sum += Double(values[index]) * Double(values[index]) }
  return sum
}
