import Kernels

extension Architecture {
  /// The weights that a seed draws.
  ///
  /// - Parameter progress: called now and then: large orthogonal matrices take minutes.
  /// - Returns: `layout.paddedCount` numbers.
  public func initialParameters(seed: UInt64, progress: () -> Void = {}) -> [Float] {
    var parameters = [Float](repeating: 0, count: layout.paddedCount)
    for (index, tensor) in layout.tensors.enumerated() {
      var random = RandomStream(seed: seed, purpose: .initialWeights, row: index)
      parameters.replaceSubrange(tensor.range, with: tensor.initializer.values(tensor.shape, &random, progress))
    }
    return parameters
  }
}

extension Initializer {
  /// The values of a tensor of that shape, row-major.
  func values(_ shape: [Int], _ random: inout RandomStream, _ progress: () -> Void = {}) -> [Float] {
    let count = shape.reduce(1, *)
    switch self {
    case .zeros: return [Float](repeating: 0, count: count)
    case .ones: return [Float](repeating: 1, count: count)
    case .constant(let value): return [Float](repeating: Float(value), count: count)
    case .unitForgetBias: return (0..<count).map { $0 / (count / 4) == 1 ? 1 : 0 }
    case .orthogonal(let gain): return orthogonalMatrix(shape, gain: gain, &random, progress)
    case .uniform(let low, let high):
      return (0..<count).map { _ in Float(low + Double(random.nextUniform()) * (high - low)) }
    case .normal(let mean, let spread): return (0..<count).map { _ in Float(mean + spread * random.nextNormal()) }
    case .uniformScaling(let scale, let fan):
      let limit = Float((3 * scale / fan.size(shape)).squareRoot())
      return (0..<count).map { _ in (2 * random.nextUniform() - 1) * limit }
    case .normalScaling(let scale, let fan):
      // The factor is the standard deviation of the standard normal distribution cut off at ±2.
      let spread = (scale / fan.size(shape)).squareRoot() / 0.87962566103423978
      return (0..<count).map { _ in
        var draw = random.nextNormal()
        while abs(draw) > 2 { draw = random.nextNormal() }
        return Float(spread * draw)
      }
    }
  }
}

extension Initializer.Fan {
  /// The fan of a tensor's shape, as in Keras: the last two dimensions, each multiplied by a convolution's window.
  func size(_ shape: [Int]) -> Double {
    guard shape.count > 1 else { return Double(shape[0]) }
    let window = shape.dropLast(2).reduce(1, *)
    let (input, output) = (window * shape[shape.count - 2], window * shape[shape.count - 1])
    return self == .input ? Double(input) : Double(input + output) / 2
  }
}

/// Saxe et al. (2014), as in Keras: the Q of a QR decomposition of a normal matrix [max, min] of the shape, with signs
/// that make R's diagonal positive, transposed if the shape is wide. The Gram-Schmidt process (done twice for accuracy)
/// computes exactly that Q. A tensor of more dimensions is a matrix of its last one.
func orthogonalMatrix(
  _ shape: [Int], gain: Double, _ random: inout RandomStream, _ progress: () -> Void = {}
) -> [Float] {
  let columns = shape[shape.count - 1]
  let rows = shape.dropLast().reduce(1, *)
  let (length, vectors) = (max(rows, columns), min(rows, columns))
  var basis: [[Double]] = []
  for _ in 0..<vectors {
    progress()
    var vector = (0..<length).map { _ in random.nextNormal() }
    for _ in 0..<2 {
      for earlier in basis {
        let projection = dot(vector, earlier)
        for i in 0..<length { vector[i] -= projection * earlier[i] }
      }
    }
    let norm = dot(vector, vector).squareRoot()
    basis.append(vector.map { $0 / norm })
  }
  return (0..<rows * columns).map { index in
    let (row, column) = index.quotientAndRemainder(dividingBy: columns)
    return Float(gain * (rows <= columns ? basis[row][column] : basis[column][row]))
  }
}

private func dot(_ a: [Double], _ b: [Double]) -> Double {
  var sum = 0.0
  for i in a.indices { sum += a[i] * b[i] }
  return sum
}

extension RandomPurpose {
  /// The initial weights; the epoch is 0 and the "row" is the tensor's index in the layout.
  package static var initialWeights: RandomPurpose { RandomPurpose(number: 1) }
}
