extension ReferenceKernels {
  /// Σ a b, fused: number i adds to partial sum i mod 16, and the partial sums are added by halves.
  public static func sumOfProducts(_ a: [Float], _ b: [Float]) -> Float {
    var partials = [Float](repeating: 0, count: 16)
    for i in a.indices { partials[i % 16] = partials[i % 16].addingProduct(a[i], b[i]) }
    while partials.count > 1 {
      let half = partials.count / 2
      partials = (0..<half).map { partials[$0] + partials[$0 + half] }
    }
    return partials[0]
  }

  /// Σ a, in the same partial sums.
  public static func sum(_ a: [Float]) -> Float { sumOfProducts(a, a.map { _ in 1 }) }

  /// The mean and the inverse standard deviation of a row.
  public static func moments(_ x: [Float], epsilon: Float) -> (mean: Float, inverse: Float) {
    let count = Float(x.count)
    let mean = sum(x) / count
    let deviations = x.map { $0 - mean }
    return (mean, 1 / (sumOfProducts(deviations, deviations) / count + epsilon).squareRoot())
  }

  /// Layer normalization of a row.
  public static func normalized(_ x: [Float], gamma: [Float], beta: [Float], epsilon: Float) -> [Float] {
    let (mean, inverse) = moments(x, epsilon: epsilon)
    return x.indices.map { beta[$0].addingProduct(x[$0] - mean, inverse * gamma[$0]) }
  }

  /// The gradient of `normalized` by x, from that by its result.
  public static func normalizedGradient(_ dy: [Float], _ x: [Float], gamma: [Float], epsilon: Float) -> [Float] {
    let (mean, inverse) = moments(x, epsilon: epsilon)
    let count = Float(x.count)
    let g = zip(dy, gamma).map { $0 * $1 }
    let hats = x.map { ($0 - mean) * inverse }
    let (shift, slope) = (sum(g) / count, -(sumOfProducts(g, hats) / count))
    return x.indices.map { (g[$0] - shift).addingProduct(hats[$0], slope) * inverse }
  }

  /// Group normalization of a sample of [positions][channels], and its gradients.
  public struct Groups {
    /// The sample, and the channels of a group.
    let x: [[Float]], size: Int
    /// The mean and the inverse standard deviation of each channel's group.
    public let means: [Float], inverses: [Float]

    /// Each channel is summed over the positions, and then the channels of a group.
    public init(_ x: [[Float]], size: Int, epsilon: Float) {
      self.x = x
      self.size = size
      let zeros = x[0].map { _ in Float(0) }
      let means = Self.averaged(
        zeros.indices.map { channel in x.reduce(0) { $0 + $1[channel] } }, size: size, positions: x.count)
      let squares = zeros.indices.map { channel in
        x.reduce(Float(0)) { $0.addingProduct($1[channel] - means[channel], $1[channel] - means[channel]) }
      }
      self.means = means
      inverses = Self.averaged(squares, size: size, positions: x.count).map { 1 / ($0 + epsilon).squareRoot() }
    }

    private static func averaged(_ sums: [Float], size: Int, positions: Int) -> [Float] {
      sums.indices.map { channel in
        let first = channel / size * size
        return sum(Array(sums[first..<first + size])) / Float(positions * size)
      }
    }

    /// y, [positions][channels].
    public func output(gamma: [Float], beta: [Float]) -> [[Float]] {
      x.map { row in
        row.indices.map { beta[$0].addingProduct(row[$0] - means[$0], inverses[$0] * gamma[$0]) }
      }
    }

    private func hat(_ position: Int, _ channel: Int) -> Float {
      (x[position][channel] - means[channel]) * inverses[channel]
    }

    /// The gradients by beta, gamma and x.
    public func gradients(
      _ dy: [[Float]], gamma: [Float]
    ) -> (beta: [Float], gamma: [Float], input: [[Float]]) {
      let betas = gamma.indices.map { channel in dy.reduce(Float(0)) { $0 + $1[channel] } }
      let gammas = gamma.indices.map { channel in
        dy.indices.reduce(Float(0)) { $0.addingProduct(dy[$1][channel], hat($1, channel)) }
      }
      func averaged(_ sums: [Float]) -> [Float] {
        Self.averaged(zip(sums, gamma).map { $0 * $1 }, size: size, positions: x.count)
      }
      let (shifts, slopes) = (averaged(betas), averaged(gammas).map { -$0 })
      let dx = x.indices.map { position in
        gamma.indices.map { channel in
          let g = dy[position][channel] * gamma[channel]
          return (g - shifts[channel]).addingProduct(hat(position, channel), slopes[channel]) * inverses[channel]
        }
      }
      return (betas, gammas, dx)
    }
  }
}
