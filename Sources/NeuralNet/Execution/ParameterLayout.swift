/// One tensor of the network: its Keras name, its shape, and its offset in every flat buffer.
public struct ParameterTensor: Sendable, Hashable {
  /// Keras' layer name and weight name, e.g. `lstm/recurrent_kernel`.
  public let name: String
  /// The shape, row-major.
  public let shape: [Int]
  /// The offset of the first element in a flat buffer.
  public let offset: Int
  /// The values it begins with.
  public let initializer: Initializer

  /// The number of elements.
  public var count: Int { shape.reduce(1, *) }

  /// The range of the elements in a flat buffer.
  public var range: Range<Int> { offset..<offset + count }
}

/// The table of a network's parameters. Parameters, gradient and the optimizer's state are flat buffers in this layout, so
/// the gradient reduction, the optimizer, the checkpoint and the hash are one loop each.
public struct ParameterLayout: Sendable, Hashable {
  /// The tensors in Keras' order, without gaps.
  public let tensors: [ParameterTensor]

  /// The number of parameters.
  public let count: Int

  /// The length of the buffers: `count` rounded up to a multiple of 16.
  public let paddedCount: Int

  init(_ weights: [(layer: String, weight: Weight)]) {
    var offset = 0
    tensors = weights.map { layer, weight in
      defer { offset += weight.shape.reduce(1, *) }
      return ParameterTensor(
        name: "\(layer)/\(weight.name)", shape: weight.shape, offset: offset, initializer: weight.initializer)
    }
    count = offset
    paddedCount = (offset + 15) / 16 * 16
  }

  /// The tensor with this name, which must exist. Looked up when a layer is made, never in a training step.
  public subscript(name: String) -> ParameterTensor {
    guard let tensor = tensors.first(where: { $0.name == name }) else {
      preconditionFailure("the network has no parameter \(name)")
    }
    return tensor
  }
}
