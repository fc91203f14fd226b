import CTargetCPU

// Group normalization of one sample: a group's mean and variance are over all positions and the group's channels. Sums go
// over the positions in order, each channel alone, and then over the channels of a group: channel j of the group adds to
// partial sum j mod 16, and the 16 partial sums are added in a tree of halves.

/// The rows of a sample, one for each position, and what they are normalized with: numbers for each channel, the same within a
/// group. Channels are whole vectors of 16; what is past the last has no meaning.
public struct NormalizedGroups {
  /// The positions P and the channels.
  let positions: Int, channels: Int
  /// The channels of a group; a divisor of `channels`.
  let size: Int
  /// The distance between the rows of two positions.
  let stride: Int
  /// The mean, and the inverse standard deviation, of each channel's group.
  let means: UnsafeMutablePointer<Float>, inverses: UnsafeMutablePointer<Float>

  /// A sample of `positions` rows, `stride` numbers apart, with memory for what the forward pass keeps: whole vectors that
  /// hold the channels.
  public init(
    positions: Int, channels: Int, size: Int, stride: Int, means: UnsafeMutablePointer<Float>,
    inverses: UnsafeMutablePointer<Float>
  ) {
    self.positions = positions
    self.channels = channels
    self.size = size
    self.stride = stride
    self.means = means
    self.inverses = inverses
  }

  var columns: Int { (channels &+ 15) / 16 &* 16 }
}

/// Group normalization: y = (x - mean) · (inverse · gamma) + beta, the last product and sum fused, with
///
///     mean = Σ x / n      variance = Σ (x - mean)² / n      inverse = 1 / √(variance + epsilon)
///
/// over the n = P · size numbers of a group.
public func normalizeGroups(
  _ shape: NormalizedGroups, _ input: UnsafePointer<Float>, gamma: UnsafePointer<Float>, beta: UnsafePointer<Float>,
  epsilon: Float, into output: UnsafeMutablePointer<Float>
) {
  let (means, inverses) = (shape.means, shape.inverses)
  sumRows(input, count: shape.positions, columns: shape.columns, stride: shape.stride, into: means)
  averageGroups(shape, means)
  for column in vectors(shape.columns) {
    let mean = Lanes.load(means + column)
    var sum = Lanes()
    for position in 0..<shape.positions {
      let centered = Lanes.load(input + (position &* shape.stride &+ column)) - mean
      sum.addProduct(centered, centered)
    }
    sum.store(inverses + column)
  }
  averageGroups(shape, inverses)
  for column in vectors(shape.columns) {
    let (mean, variance) = (Lanes.load(means + column), Lanes.load(inverses + column))
    let inverse = Lanes(repeating: 1) / target_cpu_square_roots(variance + Lanes(repeating: epsilon))
    inverse.store(inverses + column)
    let (scale, shift) = (inverse * Lanes.load(gamma + column), Lanes.load(beta + column))
    for position in 0..<shape.positions {
      let at = position &* shape.stride &+ column
      shift.adding(product: Lanes.load(input + at) - mean, scale).store(output + at)
    }
  }
}

/// The sums that the gradients of `normalizeGroups` are made of, over the positions of a sample in order, in whole vectors:
/// Σ dy, its share of beta's gradient, and Σ dy x̂, its share of gamma's, with x̂ = (x - mean) · inverse.
public func normalizedGroupSums(
  _ shape: NormalizedGroups, _ gradient: UnsafePointer<Float>, input: UnsafePointer<Float>,
  betaSums: UnsafeMutablePointer<Float>, gammaSums: UnsafeMutablePointer<Float>
) {
  for column in vectors(shape.columns) {
    let (mean, inverse) = (Lanes.load(shape.means + column), Lanes.load(shape.inverses + column))
    var (sum, product) = (Lanes(), Lanes())
    for position in 0..<shape.positions {
      let at = position &* shape.stride &+ column
      let dy = Lanes.load(gradient + at)
      sum += dy
      product.addProduct(dy, (Lanes.load(input + at) - mean) * inverse)
    }
    sum.store(betaSums + column)
    product.store(gammaSums + column)
  }
}

/// The backward pass of `normalizeGroups` to its input x, with g = dy · gamma and the means over a group's n numbers:
///
///     dx = inverse · (g - Σ g / n - x̂ · Σ g x̂ / n)
///
/// - Parameters:
///   - betaSums: from `normalizedGroupSums`; overwritten, like `gammaSums`.
///   - inputGradient: receives dx; may be `gradient`, dy.
public func normalizeGroupsBackward(
  _ shape: NormalizedGroups, _ gradient: UnsafePointer<Float>, input: UnsafePointer<Float>, gamma: UnsafePointer<Float>,
  betaSums: UnsafeMutablePointer<Float>, gammaSums: UnsafeMutablePointer<Float>,
  into inputGradient: UnsafeMutablePointer<Float>
) {
  multiplyElements(betaSums, gamma, into: betaSums, count: shape.columns)
  multiplyElements(gammaSums, gamma, into: gammaSums, count: shape.columns)
  averageGroups(shape, betaSums)
  averageGroups(shape, gammaSums)
  for column in vectors(shape.columns) {
    let (mean, inverse) = (Lanes.load(shape.means + column), Lanes.load(shape.inverses + column))
    let (shift, slope) = (Lanes.load(betaSums + column), -Lanes.load(gammaSums + column))
    let factor = Lanes.load(gamma + column)
    for position in 0..<shape.positions {
      let at = position &* shape.stride &+ column
      let normalized = (Lanes.load(input + at) - mean) * inverse
      let rest = Lanes.load(gradient + at) * factor - shift
      (rest.adding(product: normalized, slope) * inverse).store(inputGradient + at)
    }
  }
}

/// Replaces the channels' sums over the positions by the mean of their group.
private func averageGroups(_ shape: NormalizedGroups, _ sums: UnsafeMutablePointer<Float>) {
  let count = Float(shape.positions &* shape.size)
  var first = 0
  while first < shape.channels {
    var partials = InlineArray<16, Float>(repeating: 0)
    for channel in 0..<shape.size { partials[channel & 15] += sums[first &+ channel] }
    let mean = sumOfSixteen(partials) / count
    for channel in 0..<shape.size { sums[first &+ channel] = mean }
    first &+= shape.size
  }
}
