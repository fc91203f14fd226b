extension ReferenceKernels {
  /// x where x is not negative, else slope · x.
  public static func leakyRectified(_ x: Float, slope: Float) -> Float { x < 0 ? x * slope : x }

  /// The gradient where the activation is positive, else slope · gradient.
  public static func leakyRectifiedGradient(_ gradient: Float, activation: Float, slope: Float) -> Float {
    activation > 0 ? gradient : gradient * slope
  }

  /// (1 + erf(x / √2)) / 2, the last product and sum fused.
  public static func normalDistribution(_ x: Float) -> Float {
    (0.5 as Float).addingProduct(0.5, errorFunction(x * 0.70710678))
  }

  /// x Φ(x).
  public static func gelu(_ x: Float) -> Float { x * normalDistribution(x) }

  /// gradient · (Φ(x) + x φ(x)).
  public static func geluGradient(_ gradient: Float, _ x: Float) -> Float {
    let density = exponential(x * x * -0.5) * 0.3989422804
    return gradient * normalDistribution(x).addingProduct(x, density)
  }

  /// The softmax of a row, summed in the order of the columns.
  public static func softmax(_ x: [Float]) -> [Float] {
    let largest = x.dropFirst().reduce(x[0]) { $1 > $0 ? $1 : $0 }
    let powers = x.map { exponential($0 - largest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }

  /// The gradient of `softmax` by its input, from that by its result y.
  public static func softmaxGradient(_ gradient: [Float], _ y: [Float]) -> [Float] {
    var sum: Float = 0
    for (g, y) in zip(gradient, y) { sum += g * y }
    return zip(gradient, y).map { $1 * ($0 - sum) }
  }
}
