// Elementary functions in double precision, made of exactly rounded operations only: the same bits on every machine. They
// are for values computed once per step or run; the SIMD functions of the hot path are in `Elementary`.

/// ln x for a positive normal x: the same bits on every machine.
///
/// x = m 2^e with m in [√½, √2), and ln m = 2 artanh((m - 1) / (m + 1)) by its series.
public func naturalLogarithm(_ x: Double) -> Double {
  var exponent = Double(x.exponent)
  var m = x.significand
  if m > 1.4142135623730951 {
    m /= 2
    exponent += 1
  }
  let s = (m - 1) / (m + 1)
  let square = s * s
  var sum = 0.0
  for k in stride(from: 23.0, through: 1, by: -2) { sum = sum * square + 1 / k }
  return exponent * 0.6931471805599453 + 2 * s * sum
}

/// ln x, rounded to single precision.
public func naturalLogarithm(_ x: Float) -> Float {
  Float(naturalLogarithm(Double(x)))
}

/// sin x and cos x for |x| <= π / 4, to 1e-15, by their Taylor polynomials up to x^15 and x^16.
public func sineAndCosine(_ x: Double) -> (sine: Double, cosine: Double) {
  let square = x * x
  var (sine, cosine) = (1.0, 1.0)
  for step in 1...7 {
    let k = Double(16 &- 2 &* step)
    sine = 1 - sine * square / (k * (k + 1))
    cosine = 1 - cosine * square / ((k + 2) * (k + 1))
  }
  return (sine * x, 1 - cosine * square / 2)
}

/// base^exponent by repeated squaring: the same bits on every machine.
public func power(_ base: Double, _ exponent: Int) -> Double {
  var (result, square, rest) = (1.0, base, exponent)
  while rest > 0 {
    if rest & 1 == 1 { result *= square }
    square *= square
    rest >>= 1
  }
  return result
}
