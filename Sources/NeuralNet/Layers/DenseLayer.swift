import Kernels

/// Dense(n): y = x kernel + bias over [B, 64] panels; if n is below 64, the other columns are zero.
struct DenseLayer {
  let samples: Int
  let outputs: Int
  /// y, [B, 64].
  let output: UnsafeMutablePointer<Float>
  private let scratch: UnsafeMutablePointer<Float>

  init(samples: Int, outputs: Int, workspace: Workspace) {
    self.samples = samples
    self.outputs = outputs
    output = workspace.take(samples * panelColumns)
    scratch = workspace.take(NetworkDefinition.features * panelColumns)
  }

  func forward(_ x: UnsafePointer<Float>, _ weights: PackedDenseWeights) {
    let shape = ProductShape(
      rows: samples, depth: NetworkDefinition.features, rowStride: panelColumns, depthStride: 1)
    multiply(shape, x, weights.kernel, bias: weights.bias, into: output)
  }

  /// - Parameters:
  ///   - dy: the gradient with respect to y, [B, 64], zero in the columns past the outputs.
  ///   - gradient: the flat gradient buffer.
  ///   - dx: receives the gradient with respect to x, [B, 64]; must not overlap `dy`.
  func backward(
    _ dy: UnsafePointer<Float>, x: UnsafePointer<Float>, _ weights: PackedDenseWeights,
    into gradient: UnsafeMutablePointer<Float>, dx: UnsafeMutablePointer<Float>
  ) {
    let features = NetworkDefinition.features
    let kernelShape = ProductShape(rows: features, depth: samples, rowStride: 1, depthStride: panelColumns)
    multiply(kernelShape, x, dy, into: scratch)
    copyBlock(
      scratch, stride: panelColumns, into: gradient + weights.offsets.kernel,
      stride: outputs, rows: features, columns: outputs)
    sumRows(dy, count: samples, into: scratch)
    (gradient + weights.offsets.bias).update(from: scratch, count: outputs)
    let inputShape = ProductShape(rows: samples, depth: outputs, rowStride: panelColumns, depthStride: 1)
    multiply(inputShape, dy, weights.kernelTransposed, into: dx)
  }
}
