import NeuralNet

// Normalizations. The operator GroupNormalization is younger than version 17.
extension ONNXNetwork {
  mutating func layerNormalization(
    _ layer: LayerNormalization, _ stage: Architecture.Stage, _ input: ONNXValue
  ) -> ONNXValue {
    let channels = input.shape.channels
    let x = turned(input, to: ONNXValue.natural(input.shape), stage.name)
    var inputs = [x, graph.constant(weight(stage, "gamma") ?? ones(channels), [channels], "\(stage.name)/gamma")]
    if let beta = weight(stage, "beta") { inputs.append(graph.constant(beta, [channels], "\(stage.name)/beta")) }
    let y = graph.add(
      "LayerNormalization", inputs, "\(stage.name)/output",
      ["axis": .integer(-1), "epsilon": .number(layer.options.epsilon)])
    return ONNXValue(name: y, shape: stage.output, order: ONNXValue.natural(stage.output))
  }

  /// Each group of channels over all positions, [batch, groups, numbers], and back.
  mutating func groupNormalization(
    _ layer: GroupNormalization, _ stage: Architecture.Stage, _ input: ONNXValue
  ) -> ONNXValue {
    let (order, channels) = (ONNXValue.channelsFirst(input.shape), input.shape.channels)
    let groups = layer.groups == -1 ? channels : layer.groups
    let x = turned(input, to: order, stage.name)
    let grouped = graph.constant([0, groups, -1], "\(stage.name)/groups")
    let normalized = graph.add(
      "InstanceNormalization",
      [
        graph.add("Reshape", [x, grouped], "\(stage.name)/grouped"),
        graph.constant(ones(groups), [groups], "\(stage.name)/ones"),
        graph.constant(ones(groups).map { _ in 0 }, [groups], "\(stage.name)/zeros"),
      ], "\(stage.name)/normalized", ["epsilon": .number(layer.options.epsilon)])
    let shape = graph.constant([0, channels] + input.shape.dimensions.dropLast(), "\(stage.name)/shape")
    var y = graph.add("Reshape", [normalized, shape], "\(stage.name)/ungrouped")
    // One number for each channel, the same at all positions.
    let places = [channels] + Array(repeating: 1, count: input.shape.rank - 1)
    if let gamma = weight(stage, "gamma") {
      y = graph.add("Mul", [y, graph.constant(gamma, places, "\(stage.name)/gamma")], "\(stage.name)/scaled")
    }
    if let beta = weight(stage, "beta") {
      y = graph.add("Add", [y, graph.constant(beta, places, "\(stage.name)/beta")], "\(stage.name)/output")
    }
    return ONNXValue(name: y, shape: stage.output, order: order)
  }

  private func ones(_ count: Int) -> [Float] { Array(repeating: 1, count: count) }
}
