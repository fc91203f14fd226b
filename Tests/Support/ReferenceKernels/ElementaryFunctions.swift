extension ReferenceKernels {
  /// x brought into low ... high; NaN stays NaN.
  private static func clamped(_ x: Float, _ low: Float, _ high: Float) -> Float {
    x > high ? high : x < low ? low : x
  }

  /// The polynomial by Horner's rule, each step fused; coefficients highest first.
  private static func horner(_ coefficients: [Float], at x: Float) -> Float {
    coefficients.dropFirst().reduce(coefficients[0]) { $1.addingProduct($0, x) }
  }

  /// e^x: x = n ln 2 + r, a polynomial in r, and n added to the exponent's bits.
  public static func exponential(_ argument: Float) -> Float {
    let x = clamped(argument, -87, 88)
    let shifted = (0x1.8p23 as Float).addingProduct(x, 0x1.715476p0)
    let n = shifted - 0x1.8p23
    let r = x.addingProduct(n, -0x1.62e4p-1).addingProduct(n, -0x1.7f7d1cp-20)
    let p = horner([1.381461e-3, 8.36871e-3, 4.166839e-2, 1.6666521e-1, 4.9999994e-1, 1, 1], at: r)
    return Float(bitPattern: p.bitPattern &+ shifted.bitPattern << 23)
  }

  /// 1 / (1 + e^-x).
  public static func sigmoid(_ x: Float) -> Float { 1 / (1 + exponential(-x)) }

  /// tanh x = x P(x²) / Q(x²).
  public static func hyperbolicTangent(_ argument: Float) -> Float {
    let x = clamped(argument, -9, 9)
    let p = horner([1.3354686e-8, 2.0609115e-5, 3.4955908e-3, 1.3381028e-1, 1], at: x * x)
    let q = horner([7.7765725e-7, 3.2856388e-4, 2.5876993e-2, 4.6714345e-1, 1], at: x * x)
    return x * p / q
  }

  /// erf x = x P(x²) / Q(x²).
  public static func errorFunction(_ argument: Float) -> Float {
    let x = clamped(argument, -3.9, 3.9)
    let p = horner([2.0664424e-6, 2.8506017e-4, 3.7383502e-3, 5.2668087e-2, 1.8966722e-1, 1.1283791], at: x * x)
    let q = horner([3.8269594e-5, 1.1573732e-3, 1.4914286e-2, 1.1381908e-1, 5.01421e-1, 1], at: x * x)
    return x * p / q
  }

  /// ln x in double precision, from exactly rounded operations.
  public static func naturalLogarithm(_ x: Double) -> Double {
    let halve = x.significand > 2.0.squareRoot()
    let m = halve ? x.significand / 2 : x.significand
    let exponent = Double(x.exponent) + (halve ? 1 : 0)
    let s = (m - 1) / (m + 1)
    let series = (0...11).reversed().reduce(0) { $0 * (s * s) + 1 / Double(2 * $1 + 1) }
    return exponent * 0.6931471805599453 + 2 * s * series
  }

  /// Softmax, loss and prediction of one row of logits, in whole vectors of 16, sums taken in order of the classes. With a smoothing a, the loss
  /// is against (1 - a) of the label and a / classes of every class.
  public static func softmaxCrossEntropy(
    _ logits: [Float], classes: Int, label: Int, smoothing a: Float = 0
  ) -> (probabilities: [Float], loss: Float, prediction: Int) {
    var prediction = 0
    for column in 1..<classes where logits[column] > logits[prediction] { prediction = column }
    let shifted = logits.prefix(classes).map { $0 - logits[prediction] }
    let powers = shifted.map(exponential)
    let sum = powers.reduce(0, +)
    let probabilities = powers.map { $0 / sum } + [Float](repeating: 0, count: (16 - classes % 16) % 16)
    let spread = (1 - a) * shifted[label] + a / Float(classes) * shifted.reduce(0, +)
    return (probabilities, Float(naturalLogarithm(Double(sum))) - (a == 0 ? shifted[label] : spread), prediction)
  }
}
