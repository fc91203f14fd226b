/// One tensor of the network: its Keras name, its shape, and its offset in every flat buffer.
public struct ParameterTensor: Sendable, Equatable {
  /// Keras' layer name and weight name, e.g. `lstm/recurrent_kernel`.
  public let name: String
  /// The shape, row-major.
  public let shape: [Int]
  /// The offset of the first element in a flat buffer.
  public let offset: Int

  /// The number of elements.
  public var count: Int { shape.reduce(1, *) }

  /// The range of the elements in a flat buffer.
  public var range: Range<Int> { offset..<offset + count }
}

/// The table of the network's parameters. Parameters, gradient and both moments are flat buffers in this layout, so the
/// gradient reduction, the optimizer, the checkpoint and the hash are one loop each.
public struct ParameterLayout: Sendable, Equatable {
  /// The tensors in Keras' order, without gaps.
  public let tensors: [ParameterTensor]

  /// The number of parameters.
  public let count: Int

  /// The length of the buffers: `count` rounded up to a multiple of 16.
  public let paddedCount: Int

  init(_ shapes: [(name: String, shape: [Int])]) {
    var offset = 0
    tensors = shapes.map { name, shape in
      defer { offset += shape.reduce(1, *) }
      return ParameterTensor(name: name, shape: shape, offset: offset)
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

/// The offsets of a layer's tensors in every flat buffer.
struct LayerOffsets {
  let kernel: Int
  let bias: Int

  init(_ name: String) {
    kernel = NetworkDefinition.layout[name + "/kernel"].offset
    bias = NetworkDefinition.layout[name + "/bias"].offset
  }
}

/// The offsets of an LSTM layer's tensors in every flat buffer.
struct LSTMOffsets {
  let kernel: Int
  let recurrentKernel: Int
  let bias: Int

  init(_ name: String) {
    kernel = NetworkDefinition.layout[name + "/kernel"].offset
    recurrentKernel = NetworkDefinition.layout[name + "/recurrent_kernel"].offset
    bias = NetworkDefinition.layout[name + "/bias"].offset
  }
}
