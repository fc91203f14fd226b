import CTargetCPU

// Layer normalization over rows of channels. A sum across the channels has one order at every vector width: channel c adds
// to partial sum c mod 16, in the order of c, and the 16 partial sums are added in a tree of halves.

/// Rows of channels that are normalized, each by its own mean and variance.
///
///     mean = Σ x[c] / C      variance = Σ (x[c] - mean)² / C      inverse = 1 / √(variance + epsilon)
public struct NormalizedRows {
  /// The rows, and the channels C of each.
  let rows: Int, channels: Int
  /// The distance between rows: whole vectors of 16. What is past the channels does not count.
  let stride: Int
  /// The mean and the inverse standard deviation of each row.
  let means: UnsafeMutablePointer<Float>, inverses: UnsafeMutablePointer<Float>

  /// Rows of `channels` numbers, `stride` numbers apart, with memory for what the forward pass keeps of each.
  public init(
    rows: Int, channels: Int, stride: Int, means: UnsafeMutablePointer<Float>, inverses: UnsafeMutablePointer<Float>
  ) {
    self.rows = rows
    self.channels = channels
    self.stride = stride
    self.means = means
    self.inverses = inverses
  }
}

/// Layer normalization: y[c] = (x[c] - mean) · inverse · gamma[c] + beta[c], the last product and sum fused.
///
/// - Parameters:
///   - gamma: the factor of each channel, in whole vectors; so is `beta`.
public func normalizeRows(
  _ shape: NormalizedRows, _ input: UnsafePointer<Float>, gamma: UnsafePointer<Float>, beta: UnsafePointer<Float>,
  epsilon: Float, into output: UnsafeMutablePointer<Float>
) {
  let count = Float(shape.channels)
  let one = Lanes(repeating: 1)
  for row in 0..<shape.rows {
    let (x, y) = (input + row &* shape.stride, output + row &* shape.stride)
    let mean = sumOfProducts(shape.channels) { (Lanes.load(x + $0), one) } / count
    let means = Lanes(repeating: mean)
    let squares = sumOfProducts(shape.channels) { at in
      let centered = Lanes.load(x + at) - means
      return (centered, centered)
    }
    let inverse = 1 / (squares / count + epsilon).squareRoot()
    (shape.means[row], shape.inverses[row]) = (mean, inverse)
    let inverses = Lanes(repeating: inverse)
    for at in vectors(shape.stride) {
      let centered = Lanes.load(x + at) - means
      Lanes.load(beta + at).adding(product: centered, inverses * Lanes.load(gamma + at)).store(y + at)
    }
  }
}

/// The backward pass of `normalizeRows` to its input x, with x̂ = (x - mean) · inverse and g = dy ∘ gamma:
///
///     dx[c] = inverse · (g[c] - Σ g / C - x̂[c] · Σ g x̂ / C)
///
/// - Parameter inputGradient: receives dx; may be `gradient`, dy.
public func normalizeRowsBackward(
  _ shape: NormalizedRows, _ gradient: UnsafePointer<Float>, input: UnsafePointer<Float>, gamma: UnsafePointer<Float>,
  into inputGradient: UnsafeMutablePointer<Float>
) {
  let count = Float(shape.channels)
  let one = Lanes(repeating: 1)
  for row in 0..<shape.rows {
    let at = row &* shape.stride
    let (dy, x, dx) = (gradient + at, input + at, inputGradient + at)
    let (mean, inverse) = (Lanes(repeating: shape.means[row]), Lanes(repeating: shape.inverses[row]))
    let sum = sumOfProducts(shape.channels) { (Lanes.load(dy + $0) * Lanes.load(gamma + $0), one) }
    let product = sumOfProducts(shape.channels) {
      (Lanes.load(dy + $0) * Lanes.load(gamma + $0), (Lanes.load(x + $0) - mean) * inverse)
    }
    let (shift, slope) = (Lanes(repeating: sum / count), Lanes(repeating: -(product / count)))
    for at in vectors(shape.stride) {
      let normalized = (Lanes.load(x + at) - mean) * inverse
      let rest = Lanes.load(dy + at) * Lanes.load(gamma + at) - shift
      (rest.adding(product: normalized, slope) * inverse).store(dx + at)
    }
  }
}

/// The gradient of `normalizeRows` with respect to gamma: sums[c] = Σ dy[c] x̂[c] over the rows in order, in whole vectors.
public func normalizedRowsGammaGradient(
  _ shape: NormalizedRows, _ gradient: UnsafePointer<Float>, input: UnsafePointer<Float>,
  into sums: UnsafeMutablePointer<Float>
) {
  for column in vectors(shape.stride) {
    var sum = Lanes()
    for row in 0..<shape.rows {
      let at = row &* shape.stride &+ column
      let centered = Lanes.load(input + at) - Lanes(repeating: shape.means[row])
      sum.addProduct(Lanes.load(gradient + at), centered * Lanes(repeating: shape.inverses[row]))
    }
    sum.store(sums + column)
  }
}

/// Σ a[c] b[c] over `count` channels, fused, in 16 partial sums and their tree. `factors` gives the vectors at a channel; it
/// may read to the end of the last 16.
@inline(__always)
private func sumOfProducts(_ count: Int, _ factors: (Int) -> (Lanes, Lanes)) -> Float {
  var partials = InlineArray<16, Float>(repeating: 0)
  withUnsafeMutableBytes(of: &partials) { partials in
    var part = 0
    while part < 16 {
      var sum = Lanes()
      var at = part
      while at &+ Lanes.scalarCount <= count {
        let (a, b) = factors(at)
        sum.addProduct(a, b)
        at &+= 16
      }
      if at < count {
        let (a, b) = factors(at)
        sum.replace(with: sum.adding(product: a, b), where: laneNumbers .< Lanes(repeating: Float(count &- at)))
      }
      partials.storeBytes(of: sum, toByteOffset: part &* MemoryLayout<Float>.stride, as: Lanes.self)
      part &+= Lanes.scalarCount
    }
  }
  return sumOfSixteen(partials)
}

/// The sum of 16 numbers: number i and i + 8, then i and i + 4, and so on.
@inline(__always)
func sumOfSixteen(_ numbers: InlineArray<16, Float>) -> Float {
  var sums = numbers
  var half = 8
  while half > 0 {
    for index in 0..<half { sums[index] += sums[index &+ half] }
    half /= 2
  }
  return sums[0]
}
