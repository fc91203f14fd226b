// The activation functions of layers besides ReLU, in place, and their backward passes: gradient = gradient · f'(x), from
// the activation y = f(x) where that determines the derivative. Counts are multiples of 16.

/// Leaky ReLU: x where x > 0, else slope · x.
public func leakyRectify(_ values: UnsafeMutablePointer<Float>, slope: Float, count: Int) {
  let slope = Lanes(repeating: slope)
  for at in vectors(count) {
    let x = Lanes.load(values + at)
    x.replacing(with: x * slope, where: x .< Lanes()).store(values + at)
  }
}

/// The backward pass of `leakyRectify`, for a slope of at least 0; at 0 the derivative is the slope, as in Keras.
public func leakyRectifyBackward(
  _ gradient: UnsafeMutablePointer<Float>, activation: UnsafePointer<Float>, slope: Float, count: Int
) {
  let slope = Lanes(repeating: slope)
  for at in vectors(count) {
    let g = Lanes.load(gradient + at)
    (g * slope).replacing(with: g, where: Lanes.load(activation + at) .> Lanes()).store(gradient + at)
  }
}

/// The backward pass of tanh: y' = 1 - y².
public func hyperbolicTangentsBackward(
  _ gradient: UnsafeMutablePointer<Float>, activation: UnsafePointer<Float>, count: Int
) {
  let one = Lanes(repeating: 1)
  for at in vectors(count) {
    let y = Lanes.load(activation + at)
    (Lanes.load(gradient + at) * (one - y * y)).store(gradient + at)
  }
}

/// The backward pass of the sigmoid: y' = y (1 - y).
public func sigmoidsBackward(
  _ gradient: UnsafeMutablePointer<Float>, activation: UnsafePointer<Float>, count: Int
) {
  let one = Lanes(repeating: 1)
  for at in vectors(count) {
    let y = Lanes.load(activation + at)
    (Lanes.load(gradient + at) * (y * (one - y))).store(gradient + at)
  }
}

/// GELU: output = x Φ(x), with the exact distribution function Φ (Hendrycks and Gimpel, 2016; Keras' default).
public func gelus(_ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>, count: Int) {
  for at in vectors(count) {
    let x = Lanes.load(input + at)
    (x * normalDistribution(x)).store(output + at)
  }
}

/// The backward pass of GELU from its input x: Φ(x) + x φ(x), with the density φ(x) = e^(-x²/2) / √(2π).
public func gelusBackward(
  _ gradient: UnsafeMutablePointer<Float>, input: UnsafePointer<Float>, count: Int
) {
  for at in vectors(count) {
    let x = Lanes.load(input + at)
    let density = Elementary.exp(x * x * Lanes(repeating: -0.5)) * Lanes(repeating: 0.3989422804)
    (Lanes.load(gradient + at) * normalDistribution(x).adding(product: x, density)).store(gradient + at)
  }
}

/// Φ(x) = (1 + erf(x / √2)) / 2.
@inline(__always)
private func normalDistribution(_ x: Lanes) -> Lanes {
  let half = Lanes(repeating: 0.5)
  return half.adding(product: half, Elementary.erf(x * Lanes(repeating: 0.70710678)))
}

/// Softmax of each row, in place: y = e^(x - max x) / Σ e^(x - max x), summed in the order of the columns.
///
/// - Parameters:
///   - columns: the length of a row.
///   - stride: the distance between rows, a multiple of 16; the numbers past `columns` become 0.
public func softmaxRows(_ values: UnsafeMutablePointer<Float>, rows: Int, columns: Int, stride: Int) {
  for row in 0..<rows {
    let x = values + row &* stride
    var largest = x[0]
    for column in 1..<columns where x[column] > largest { largest = x[column] }
    for at in vectors(stride) { Elementary.exp(Lanes.load(x + at) - Lanes(repeating: largest)).store(x + at) }
    var sum: Float = 0
    for column in 0..<columns { sum += x[column] }
    for column in 0..<stride { x[column] = column < columns ? x[column] / sum : 0 }
  }
}

/// The backward pass of `softmaxRows`: gradient = y ∘ (gradient - Σ gradient ∘ y), summed in the order of the columns.
public func softmaxRowsBackward(
  _ gradient: UnsafeMutablePointer<Float>, activation: UnsafePointer<Float>, rows: Int, columns: Int, stride: Int
) {
  for row in 0..<rows {
    let (g, y) = (gradient + row &* stride, activation + row &* stride)
    var sum: Float = 0
    for column in 0..<columns { sum += g[column] * y[column] }
    for at in vectors(stride) {
      (Lanes.load(y + at) * (Lanes.load(g + at) - Lanes(repeating: sum))).store(g + at)
    }
  }
}
