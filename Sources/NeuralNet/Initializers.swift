import Kernels

/// Keras' default initial weights: Glorot-uniform kernels, orthogonal recurrent kernels, and zero biases, except 1 for
/// the LSTMs' forget gates. The random stream of a tensor depends on (seed, tensor) alone, and only exactly rounded
/// operations follow, so a seed determines the same weights on every machine.
///
/// - Returns: `NetworkDefinition.layout.paddedCount` numbers.
public func initialParameters(seed: UInt64) -> [Float] {
  let layout = NetworkDefinition.layout
  var parameters = [Float](repeating: 0, count: layout.paddedCount)
  for (index, tensor) in layout.tensors.enumerated() {
    var random = RandomStream(seed: seed, purpose: .initialWeights, row: index)
    if tensor.name.hasSuffix("recurrent_kernel") {
      parameters.replaceSubrange(tensor.range, with: orthogonal(tensor.shape, &random))
    } else if tensor.name.hasSuffix("kernel") {
      parameters.replaceSubrange(tensor.range, with: glorotUniform(tensor.shape, &random))
    } else if tensor.name.hasPrefix("lstm") {
      let forgetGate = tensor.offset + NetworkDefinition.features
      for index in forgetGate..<forgetGate + NetworkDefinition.features { parameters[index] = 1 }
    }
  }
  return parameters
}

/// Glorot and Bengio (2010): uniform in ±√(6 / (fan in + fan out)); the fans of a convolution are multiplied by its
/// window.
func glorotUniform(_ shape: [Int], _ random: inout RandomStream) -> [Float] {
  let window = shape.dropLast(2).reduce(1, *)
  let fans = window * (shape[shape.count - 2] + shape[shape.count - 1])
  let limit = Float((6 / Double(fans)).squareRoot())
  return (0..<shape.reduce(1, *)).map { _ in (2 * random.nextUniform() - 1) * limit }
}

/// Saxe et al. (2014), as in Keras: the Q of a QR decomposition of a normal matrix [max, min] of the shape, with signs
/// that make R's diagonal positive, transposed if the shape is wide. The Gram-Schmidt process (done twice for accuracy)
/// computes exactly that Q.
func orthogonal(_ shape: [Int], _ random: inout RandomStream) -> [Float] {
  let (rows, columns) = (shape[0], shape[1])
  let (length, vectors) = (max(rows, columns), min(rows, columns))
  var basis: [[Double]] = []
  for _ in 0..<vectors {
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
    return Float(rows <= columns ? basis[row][column] : basis[column][row])
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
