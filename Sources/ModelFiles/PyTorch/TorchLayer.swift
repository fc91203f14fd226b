import NeuralNet

/// What PyTorch's module for a layer has: the parts, their shapes, and how they become the layer's weights.
///
/// - Linear: weight [out, in] is the kernel [in, out], transposed.
/// - Conv1d, Conv2d: weight [out, in, window...] is the kernel [window..., in, out].
/// - LSTM: weight_ih [4 units, in] and weight_hh [4 units, units] are transposed; the gates' order i, f, g, o is Keras' i, f, c, o; the two
///   biases are added, as both are added to the same sum.
/// - GRU: the gates r, z, n are Keras' z, r, h; the biases stay two, as `reset_after=True` has them.
/// - LayerNorm, GroupNorm: weight and bias are gamma and beta.
struct TorchLayer {
  /// The parts' shapes, by their names.
  typealias Parts = [String: [Int]]

  /// One of the layer's weights, and how it is made of the module's parts.
  private struct Piece {
    let tensor: ParameterTensor
    /// The parts, and what they must be.
    let parts: Parts
    /// Makes the weight of the parts' numbers.
    let convert: ([String: [Float]]) -> [Float]
  }

  /// The layer's name.
  let name: String
  private let pieces: [Piece]

  /// The module for a layer with weights.
  ///
  /// - Parameter inputOrder: for each place of the layer's input, where PyTorch has that number; nil where the orders are the same.
  init(_ stage: Architecture.Stage, inputOrder: [Int]?, _ layout: ParameterLayout) {
    name = stage.name
    let isRecurrent = stage.layer is any RecurrentLayer || stage.layer is Bidirectional
    let isGRU = stage.layer is GRU || (stage.layer as? Bidirectional)?.layer is GRU
    pieces = layout.tensors.filter { $0.name.hasPrefix("\(stage.name)/") }.map { tensor in
      isRecurrent ? Self.recurrent(tensor, isGRU: isGRU) : Self.plain(tensor, inputOrder)
    }
  }

  /// All parts of the module.
  var parts: Parts { pieces.reduce(into: [:]) { $0.merge($1.parts) { first, _ in first } } }

  /// What modules of one kind and size have in common.
  static func signature(_ parts: Parts) -> String {
    parts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
  }

  var signature: String { Self.signature(parts) }

  /// Writes the layer's weights into the parameters.
  func fill(_ parameters: inout [Float], from values: [String: [Float]]) {
    for piece in pieces { parameters.replaceSubrange(piece.tensor.range, with: piece.convert(values)) }
  }

  /// A weight of Dense, a convolution or a normalization.
  private static func plain(_ tensor: ParameterTensor, _ order: [Int]?) -> Piece {
    let shape = tensor.shape
    switch tensor.name.split(separator: "/").last {
    case "kernel":
      // [window..., in, out] of [out, in, window...].
      let window = shape.dropLast(2).reduce(1, *)
      let (inputs, outputs) = (shape[shape.count - 2], shape[shape.count - 1])
      return Piece(tensor: tensor, parts: ["weight": [outputs, inputs] + shape.dropLast(2)]) { values in
        let weight = values["weight"] ?? []
        var kernel = [Float](repeating: 0, count: weight.count)
        for place in 0..<window {
          for input in 0..<inputs {
            let source = order?[input] ?? input
            for output in 0..<outputs {
              kernel[(place * inputs + input) * outputs + output] = weight[(output * inputs + source) * window + place]
            }
          }
        }
        return kernel
      }
    case "gamma": return ordered(tensor, "weight", order)
    case "beta": return ordered(tensor, "bias", order)
    default: return ordered(tensor, "bias", nil)
    }
  }

  /// A vector, in another order if the input has one.
  private static func ordered(_ tensor: ParameterTensor, _ part: String, _ order: [Int]?) -> Piece {
    Piece(tensor: tensor, parts: [part: tensor.shape]) { values in
      let vector = values[part] ?? []
      return order.map { $0.map { vector[$0] } } ?? vector
    }
  }

  /// A weight of a recurrent layer, of one direction.
  private static func recurrent(_ tensor: ParameterTensor, isGRU: Bool) -> Piece {
    // PyTorch's row for a column of Keras': a GRU's first two gates change places.
    func row(_ column: Int, _ width: Int) -> Int {
      let units = width / 3
      guard isGRU, column < 2 * units else { return column }
      return column < units ? column + units : column - units
    }
    let end = tensor.name.contains("/backward/") ? "_reverse" : ""
    let shape = tensor.shape
    switch tensor.name.split(separator: "/").last {
    case "kernel", "recurrent_kernel":
      let part = (tensor.name.hasSuffix("/kernel") ? "weight_ih" : "weight_hh") + end
      let (inputs, width) = (shape[0], shape[1])
      return Piece(tensor: tensor, parts: [part: [width, inputs]]) { values in
        let weight = values[part] ?? []
        var kernel = [Float](repeating: 0, count: weight.count)
        for column in 0..<width {
          let row = row(column, width)
          for input in 0..<inputs { kernel[input * width + column] = weight[row * inputs + input] }
        }
        return kernel
      }
    default:
      let width = shape[shape.count - 1]
      let (first, second) = ("bias_ih" + end, "bias_hh" + end)
      return Piece(tensor: tensor, parts: [first: [width], second: [width]]) { values in
        let (input, state) = (values[first] ?? [], values[second] ?? [])
        if shape.count == 1 { return zip(input, state).map { $0 + $1 } }
        return [input, state].flatMap { bias in (0..<width).map { bias[row($0, width)] } }
      }
    }
  }
}
