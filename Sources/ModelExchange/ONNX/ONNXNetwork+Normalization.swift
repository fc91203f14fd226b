import NeuralNet

// Normalizations, of the operators that every runtime has: LayerNormalization's own may take the variance as a difference of
// two large numbers, and GroupNormalization's came after version 17.
extension ONNXNetwork {
  mutating func layerNormalization(
    _ layer: LayerNormalization, _ stage: Architecture.Stage, _ input: ONNXValue
  ) -> ONNXValue {
    var value = input
    value.name = normalized(input.name, over: [input.channelAxis], layer.options, stage)
    return scaled(value, stage)
  }

  /// Each group of channels over all positions: [batch, groups, numbers], and back.
  mutating func groupNormalization(
    _ layer: GroupNormalization, _ stage: Architecture.Stage, _ input: ONNXValue
  ) -> ONNXValue {
    let order = ONNXValue.channelsFirst(input.shape)
    let x = turned(input, to: order, stage.name)
    let channels = input.shape.channels
    let grouped = graph.constant([0, layer.groups == -1 ? channels : layer.groups, -1], "\(stage.name)/groups")
    let groups = graph.add("Reshape", [x, grouped], "\(stage.name)/grouped")
    let y = normalized(groups, over: [2], layer.options, stage)
    let shape = graph.constant([0, channels] + input.shape.dimensions.dropLast(), "\(stage.name)/shape")
    let value = ONNXValue(
      name: graph.add("Reshape", [y, shape], "\(stage.name)/ungrouped"), shape: stage.output, order: order)
    return scaled(value, stage)
  }

  /// (x - mean) / √(variance + epsilon) over these axes.
  private mutating func normalized(
    _ input: String, over axes: [Int], _ options: NormalizationOptions, _ stage: Architecture.Stage
  ) -> String {
    let (centered, variance) = centered(input, over: axes, stage.name)
    let sum = graph.add(
      "Add", [variance, scalar(options.epsilon, "\(stage.name)/epsilon")], "\(stage.name)/positive_variance")
    let deviation = graph.add("Sqrt", [sum], "\(stage.name)/deviation")
    return graph.add("Div", [centered, deviation], "\(stage.name)/normalized")
  }

  /// value · gamma + beta, of those of the two that there are, for each channel.
  private mutating func scaled(_ input: ONNXValue, _ stage: Architecture.Stage) -> ONNXValue {
    var value = input
    // The channels' numbers stand in the channels' place, and are the same in the places after it.
    let shape = [input.shape.channels] + Array(repeating: 1, count: input.order.count - 1 - input.channelAxis)
    if let gamma = weight(stage, "gamma") {
      let factor = graph.constant(gamma, shape, "\(stage.name)/gamma")
      value.name = graph.add("Mul", [value.name, factor], "\(stage.name)/scaled")
    }
    if let beta = weight(stage, "beta") {
      let summand = graph.constant(beta, shape, "\(stage.name)/beta")
      value.name = graph.add("Add", [value.name, summand], "\(stage.name)/output")
    }
    return value
  }
}
