import NeuralNet

// Convolutions and poolings, whose values have the channels before the positions.
extension ONNXNetwork {
  mutating func convolution(
    _ layer: any Convolution, _ stage: Architecture.Stage, _ input: ONNXValue
  ) -> ONNXValue {
    guard let windows = try? layer.windows(input.shape) else { preconditionFailure("a network's shapes fit") }
    let options = layer.options
    if windows.size.count == 1, input.order == ONNXValue.natural(input.shape) {
      return convolutionOfRows(options, windows, stage, input)
    }
    let x = turned(input, to: ONNXValue.channelsFirst(input.shape), stage.name)
    // [window, channels, filters] to [filters, channels, window].
    let rank = options.kernelSize.count
    let shape = options.kernelSize + [input.shape.channels, options.filters]
    let axes = [rank + 1, rank] + Array(0..<rank)
    let kernel = graph.constant(
      permuted(weight(stage, "kernel") ?? [], shape, axes), axes.map { shape[$0] }, "\(stage.name)/kernel")
    let bias = weight(stage, "bias").map { graph.constant($0, [options.filters], "\(stage.name)/bias") }
    let y = graph.add(
      "Conv", [x, kernel] + [bias].compactMap(\.self), "\(stage.name)/output",
      [
        "kernel_shape": .integers(windows.size), "strides": .integers(windows.strides), "pads": .integers(windows.pads),
      ])
    let value = ONNXValue(name: y, shape: stage.output, order: ONNXValue.channelsFirst(stage.output))
    return activated(value, options.activation, stage)
  }

  /// A Conv1D of steps whose channels are last, as those of an image's rows: a convolution over one channel, as wide as the steps are.
  ///
  /// So nothing need be turned, and a sum has the order of the kernel's numbers in Keras: the steps of the window, and the channels of
  /// each. Runtimes add in the order in which a kernel lies in memory, and in that other order, the steps of each channel, sums of
  /// pixels, which are all positive, come out with greater roundings.
  private mutating func convolutionOfRows(
    _ options: ConvolutionOptions, _ windows: Windows, _ stage: Architecture.Stage, _ input: ONNXValue
  ) -> ONNXValue {
    let (name, window) = (stage.name, [windows.size[0], input.shape.channels])
    // [window, channels, filters] to [filters, 1, window, channels].
    let kernel = graph.constant(
      permuted(weight(stage, "kernel") ?? [], window + [options.filters], [2, 0, 1]), [options.filters, 1] + window,
      "\(name)/kernel")
    let bias = weight(stage, "bias").map { graph.constant($0, [options.filters], "\(name)/bias") }
    let image = graph.add("Unsqueeze", [input.name, graph.constant([1], "\(name)/channel")], "\(name)/image")
    let pads = windows.pads
    let convolved = graph.add(
      "Conv", [image, kernel] + [bias].compactMap(\.self), "\(name)/convolved",
      [
        "kernel_shape": .integers(window), "strides": .integers([windows.strides[0], 1]),
        "pads": .integers([pads[0], 0, pads[1], 0]),
      ])
    let y = graph.add("Squeeze", [convolved, graph.constant([3], "\(name)/width")], "\(name)/output")
    let value = ONNXValue(name: y, shape: stage.output, order: ONNXValue.channelsFirst(stage.output))
    return activated(value, options.activation, stage)
  }

  mutating func pooling(_ layer: any Pooling, _ stage: Architecture.Stage, _ input: ONNXValue) -> ONNXValue {
    guard let windows = try? layer.windows(input.shape) else { preconditionFailure("a network's shapes fit") }
    let x = turned(input, to: ONNXValue.channelsFirst(input.shape), stage.name)
    // By default, padding does not count in a mean.
    let operation = type(of: layer).kind.computes == .mean ? "AveragePool" : "MaxPool"
    let y = graph.add(
      operation, [x], "\(stage.name)/output",
      [
        "kernel_shape": .integers(windows.size), "strides": .integers(windows.strides), "pads": .integers(windows.pads),
      ])
    return ONNXValue(name: y, shape: stage.output, order: ONNXValue.channelsFirst(stage.output))
  }

  mutating func globalPooling(
    _ layer: any GlobalPooling, _ stage: Architecture.Stage, _ input: ONNXValue
  ) -> ONNXValue {
    let operation = type(of: layer).kind.computes == .mean ? "ReduceMean" : "ReduceMax"
    let positions = input.order.indices.filter { (1..<input.shape.rank).contains(input.order[$0]) }
    let y = graph.add(
      operation, [input.name], "\(stage.name)/output", ["axes": .integers(positions), "keepdims": .integer(0)])
    // What remains is the batch and the channels, in one or the other order.
    let order = input.order.compactMap { $0 == 0 ? 0 : $0 == input.shape.rank ? 1 : nil }
    return ONNXValue(name: y, shape: stage.output, order: order)
  }
}

extension Windows {
  /// The padding as ONNX counts it: before each dimension, then after each.
  fileprivate var pads: [Int] { reach.map(\.before) + reach.map(\.after) }
}

/// The values of a tensor with its axes in another order, row-major again.
func permuted(_ values: [Float], _ shape: [Int], _ axes: [Int]) -> [Float] {
  var strides = [Int](repeating: 1, count: shape.count)
  for axis in shape.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * shape[axis + 1] }
  let (lengths, steps) = (axes.map { shape[$0] }, axes.map { strides[$0] })
  var offsets = [0]
  for (length, step) in zip(lengths, steps) {
    offsets = offsets.flatMap { offset in (0..<length).map { offset + $0 * step } }
  }
  return offsets.map { values[$0] }
}
