import NeuralNet

extension ONNXNetwork {
  /// Adds a layer's nodes.
  mutating func output(of stage: Architecture.Stage, _ input: ONNXValue) -> ONNXValue {
    switch stage.layer {
    case let layer as Dense: return dense(layer, stage, input)
    case let layer as any Convolution: return convolution(layer, stage, input)
    case let layer as any Pooling: return pooling(layer, stage, input)
    case let layer as any GlobalPooling: return globalPooling(layer, stage, input)
    case let layer as any RecurrentLayer: return recurrent(layer, stage, input)
    case let layer as Bidirectional: return bidirectional(layer, stage, input)
    case let layer as LayerNormalization: return layerNormalization(layer, stage, input)
    case let layer as GroupNormalization: return groupNormalization(layer, stage, input)
    case let layer as Activation: return activated(input, layer.function, slope: layer.slope, stage)
    case let layer as ReLU: return activated(input, layer.activation.function, slope: layer.activation.slope, stage)
    case let layer as LeakyReLU: return activated(input, .leakyReLU, slope: layer.negativeSlope, stage)
    case is Softmax: return activated(input, .softmax, stage)
    case let layer as Rescaling: return rescaling(layer, stage, input)
    case is Flatten, is Reshape: return reshaped(stage, input)
    case is Dropout: return input
    default: preconditionFailure("\(type(of: stage.layer).kerasName) has no translation to ONNX")
    }
  }

  /// The value after an activation function; of any order of axes.
  mutating func activated(
    _ value: ONNXValue, _ function: ActivationFunction, slope: Double = 0.2, _ stage: Architecture.Stage
  ) -> ONNXValue {
    var value = value
    let name = stage.name
    switch function {
    case .linear: break
    case .relu: value.name = graph.add("Relu", [value.name], "\(name)/relu")
    case .leakyReLU:
      value.name = graph.add("LeakyRelu", [value.name], "\(name)/leaky_relu", ["alpha": .number(slope)])
    case .tanh: value.name = graph.add("Tanh", [value.name], "\(name)/tanh")
    case .sigmoid: value.name = graph.add("Sigmoid", [value.name], "\(name)/sigmoid")
    case .gelu:
      // x Φ(x) = (x / 2) (1 + erf(x / √2)); the operator Gelu is younger than version 17.
      let root = graph.constant([Float(2.0.squareRoot())], [], "\(name)/root")
      let (half, one) = (graph.constant([0.5], [], "\(name)/half"), graph.constant([1], [], "\(name)/one"))
      let error = graph.add("Erf", [graph.add("Div", [value.name, root], "\(name)/scaled")], "\(name)/erf")
      let sum = graph.add("Add", [error, one], "\(name)/sum")
      let halved = graph.add("Mul", [value.name, half], "\(name)/halved")
      value.name = graph.add("Mul", [halved, sum], "\(name)/gelu")
    case .softmax:
      value.name = graph.add(
        "Softmax", [value.name], "\(name)/softmax", ["axis": .integer(value.channelAxis)])
    }
    return value
  }

  private mutating func dense(_ layer: Dense, _ stage: Architecture.Stage, _ input: ONNXValue) -> ONNXValue {
    let x = turned(input, to: ONNXValue.natural(input.shape), stage.name)
    let kernel = graph.constant(
      weight(stage, "kernel") ?? [], [input.shape.channels, layer.units], "\(stage.name)/kernel")
    let bias = weight(stage, "bias").map { graph.constant($0, [layer.units], "\(stage.name)/bias") }
    var y: String
    if input.shape.rank == 1 {
      y = graph.add("Gemm", [x, kernel] + [bias].compactMap(\.self), "\(stage.name)/output")
    } else {
      y = graph.add("MatMul", [x, kernel], "\(stage.name)/product")
      if let bias { y = graph.add("Add", [y, bias], "\(stage.name)/output") }
    }
    let value = ONNXValue(name: y, shape: stage.output, order: ONNXValue.natural(stage.output))
    return activated(value, layer.activation, stage)
  }

  private mutating func rescaling(_ layer: Rescaling, _ stage: Architecture.Stage, _ input: ONNXValue) -> ONNXValue {
    var value = input
    value.name = graph.add("Mul", [value.name, scalar(layer.scale, "\(stage.name)/scale")], "\(stage.name)/scaled")
    if layer.offset != 0 {
      value.name = graph.add("Add", [value.name, scalar(layer.offset, "\(stage.name)/offset")], "\(stage.name)/output")
    }
    return value
  }

  private mutating func reshaped(_ stage: Architecture.Stage, _ input: ONNXValue) -> ONNXValue {
    guard input.shape != stage.output else { return input }
    let x = turned(input, to: ONNXValue.natural(input.shape), stage.name)
    // A length of 0 is that of the input: the batch's.
    let shape = graph.constant([0] + stage.output.dimensions, "\(stage.name)/shape")
    let y = graph.add("Reshape", [x, shape], "\(stage.name)/output")
    return ONNXValue(name: y, shape: stage.output, order: ONNXValue.natural(stage.output))
  }
}
