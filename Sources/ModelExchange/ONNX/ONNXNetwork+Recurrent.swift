import NeuralNet

// LSTM and GRU as the operators of these names, whose values have the time steps before the batch.
extension ONNXNetwork {
  /// The recurrence of one or two directions.
  private enum Direction: String {
    case forward
    case reverse
    case bidirectional
  }

  mutating func recurrent(
    _ layer: any RecurrentLayer, _ stage: Architecture.Stage, _ input: ONNXValue
  ) -> ONNXValue {
    let options = layer.options
    let direction = options.goBackwards ? Direction.reverse : .forward
    let states = recurrence(layer, stage, input, direction, prefixes: [""])
    let axes = graph.constant([options.returnSequences ? 1 : 0], "\(stage.name)/direction")
    var y = graph.add("Squeeze", [states, axes], "\(stage.name)/output")
    guard options.returnSequences else { return ONNXValue(name: y, shape: stage.output, order: [0, 1]) }
    if options.goBackwards { y = reversed(y, stage) }
    return ONNXValue(name: y, shape: stage.output, order: ONNXValue.timeFirst)
  }

  /// The time steps of a value in reverse: Keras returns a sequence in the order of its steps, ONNX in that of the input's.
  private mutating func reversed(_ value: String, _ stage: Architecture.Stage) -> String {
    let bounds = [("last", -1), ("first", Int(Int32.min)), ("axis", 0), ("step", -1)].map {
      graph.constant([$0.1], "\(stage.name)/\($0.0)")
    }
    return graph.add("Slice", [value] + bounds, "\(stage.name)/reversed")
  }

  mutating func bidirectional(
    _ layer: Bidirectional, _ stage: Architecture.Stage, _ input: ONNXValue
  ) -> ONNXValue {
    let options = layer.layer.options
    let states = recurrence(
      layer.layer, stage, input, .bidirectional, prefixes: ["forward/", "backward/"])
    // [steps, directions, batch, units], or the last states, [directions, batch, units].
    let axis = options.returnSequences ? 1 : 0
    let order = options.returnSequences ? ONNXValue.timeFirst : [0, 1]
    let y: String
    switch layer.mergeMode {
    case .concat:
      let turned = graph.add(
        "Transpose", [states], "\(stage.name)/turned",
        ["perm": .integers(options.returnSequences ? [0, 2, 1, 3] : [1, 0, 2])])
      let shape = graph.constant(
        (options.returnSequences ? [0, 0] : [0]) + [2 * options.units], "\(stage.name)/shape")
      y = graph.add("Reshape", [turned, shape], "\(stage.name)/concat")
    case .sum:
      let axes = graph.constant([axis], "\(stage.name)/directions")
      y = graph.add("ReduceSum", [states, axes], "\(stage.name)/sum", ["keepdims": .integer(0)])
    case .ave:
      y = graph.add(
        "ReduceMean", [states], "\(stage.name)/ave", ["axes": .integers([axis]), "keepdims": .integer(0)])
    case .mul:
      y = graph.add(
        "ReduceProd", [states], "\(stage.name)/mul", ["axes": .integers([axis]), "keepdims": .integer(0)])
    }
    return ONNXValue(name: y, shape: stage.output, order: order)
  }

  /// The node: the states of all steps, [steps, directions, batch, units], or the last ones, [directions, batch, units].
  private mutating func recurrence(
    _ layer: any RecurrentLayer, _ stage: Architecture.Stage, _ input: ONNXValue, _ direction: Direction,
    prefixes: [String]
  ) -> String {
    let (options, channels) = (layer.options, input.shape.channels)
    let isGRU = layer is GRU
    // Keras has the gates i f c o, ONNX i o f c; both have z r h.
    let gates = isGRU ? [0, 1, 2] : [0, 3, 1, 2]
    let (name, width) = (stage.name, gates.count * options.units)
    func matrices(_ weightName: String, rows: Int) -> [Float] {
      prefixes.flatMap { transposedGates(weight(stage, $0 + weightName) ?? [], rows: rows, gates, options.units) }
    }
    let kernel = graph.constant(
      matrices("kernel", rows: channels), [prefixes.count, width, channels], "\(name)/kernel")
    let recurrent = graph.constant(
      matrices("recurrent_kernel", rows: options.units), [prefixes.count, width, options.units],
      "\(name)/recurrent_kernel")
    // Two biases: the input's and the state's, of which Keras' LSTM has the sum.
    let biases = prefixes.flatMap { prefix -> [Float] in
      guard let bias = weight(stage, prefix + "bias") else { return [] }
      let rows = bias.count / width
      let own = (0..<rows).flatMap { row in
        transposedGates(Array(bias[row * width..<(row + 1) * width]), rows: 1, gates, options.units)
      }
      return own + [Float](repeating: 0, count: 2 * width - own.count)
    }
    var inputs = [turned(input, to: ONNXValue.timeFirst, name), kernel, recurrent]
    if !biases.isEmpty { inputs.append(graph.constant(biases, [prefixes.count, 2 * width], "\(name)/bias")) }
    let unused = options.returnSequences ? 0 : 1
    let units = ONNXGraph.Attribute.integer(options.units)
    guard isGRU else {
      return graph.add(
        "LSTM", inputs, "\(name)/states", unused: unused, ["direction": .text(direction.rawValue), "hidden_size": units])
    }
    return graph.add(
      "GRU", inputs, "\(name)/states", unused: unused,
      ["direction": .text(direction.rawValue), "hidden_size": units, "linear_before_reset": .integer(1)])
  }
}

/// [rows, gates · units] as [gates · units, rows], with the gates in another order.
private func transposedGates(_ values: [Float], rows: Int, _ gates: [Int], _ units: Int) -> [Float] {
  let width = gates.count * units
  return gates.flatMap { gate in
    (gate * units..<(gate + 1) * units).flatMap { column in (0..<rows).map { values[$0 * width + column] } }
  }
}
