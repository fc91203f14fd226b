import Kernels

/// What computes a layer for a block of samples, with all its buffers.
///
/// Its input and output were laid out by `LayerContext`; the calls come in this order, and those that a layer does not need
/// do nothing.
public protocol LayerOperation {
  /// Takes new parameters, a flat buffer in the network's layout.
  func pack(_ parameters: UnsafePointer<Float>)
  /// Computes the output from the input.
  func forward()
  /// From the gradient with respect to the output, computes that with respect to the input, where there is one, and the
  /// weights' into a flat buffer, overwriting them.
  func backward(into gradient: UnsafeMutablePointer<Float>)
}

extension LayerOperation {
  /// Nothing: the layer has no weights.
  public func pack(_ parameters: UnsafePointer<Float>) {}
}

/// What a layer's operation is laid out from: its input, what is needed, and memory.
public struct LayerContext {
  /// The input: what the layer before has made.
  var input: Signal
  /// The output, once it is laid out; the input for a layer that does nothing.
  private(set) var output: Signal
  /// Whether there is a backward pass.
  let trains: Bool
  /// The layer that reads the output; nil for the last.
  let next: (any Layer)?
  /// The layer's weights in the flat buffers, in their order.
  let tensors: [ParameterTensor]
  /// The layer's name.
  let name: String
  /// The memory.
  let workspace: Workspace
  /// The dropout masks of all layers so far.
  var masks: [DropoutMask]

  init(
    input: Signal, stage: Architecture.Stage, next: (any Layer)?, layout: ParameterLayout, trains: Bool,
    workspace: Workspace, masks: [DropoutMask]
  ) {
    self.input = input
    self.next = next
    output = input
    self.trains = trains
    name = stage.name
    let names = stage.layer.weights(stage.input).map { "\(stage.name)/\($0.name)" }
    tensors = names.map { layout[$0] }
    self.workspace = workspace
    self.masks = masks
  }

  var samples: Int { input.samples }

  /// The offset of a weight in the flat buffers; nil if the layer has none of that name.
  func offset(_ weight: String) -> Int? { tensors.first { $0.name == "\(name)/\(weight)" }?.offset }

  /// Whether a gradient with respect to the output is needed: for this layer's weights, or for a layer before it.
  private var needsGradient: Bool { trains && (input.gradient != nil || !tensors.isEmpty) }

  /// Lays out the output, in rows of whole vectors.
  mutating func makeOutput(_ shape: Shape) -> Signal {
    setOutput(shape, values: workspace.take(shape.positions * samples * padded(shape.channels)))
  }

  /// Lays out the output of a layer that ends in a ReLU. Where the next layer computes the ReLU's backward pass, the gradient
  /// replaces the values.
  mutating func makeRectifiedOutput(_ shape: Shape) -> Signal {
    guard needsGradient, let next = next as? any Pooling, next.takesRectifiedValues else { return makeOutput(shape) }
    let stride = padded(shape.channels)
    let values = workspace.take(shape.positions * samples * stride)
    output = Signal(
      shape: shape, samples: samples, stride: stride, values: values, gradient: values, isRectified: true)
    return output
  }

  /// Lays out an output that has the input's places, with values of its own and the input's gradient: the operation turns
  /// the gradient with respect to the output into that with respect to the input where it stands.
  mutating func makeOutputLikeInput() -> Signal {
    output = Signal(
      shape: input.shape, samples: samples, stride: input.stride, values: workspace.take(input.count),
      gradient: input.gradient)
    return output
  }

  /// Makes the input, where it stands, the output of another shape with the same channels.
  mutating func keepInput(as shape: Shape) {
    output = Signal(
      shape: shape, samples: samples, stride: input.stride, values: input.values, gradient: input.gradient)
  }

  /// Keeps a table of integers.
  func integers<Integer: FixedWidthInteger>(_ table: [Integer]) -> UnsafePointer<Integer> { workspace.take(table) }

  /// Makes memory that the operation already has, in rows of whole vectors, the output's values.
  mutating func setOutput(_ shape: Shape, values: UnsafeMutablePointer<Float>) -> Signal {
    let stride = padded(shape.channels)
    let count = shape.positions * samples * stride
    output = Signal(
      shape: shape, samples: samples, stride: stride, values: values,
      gradient: needsGradient ? workspace.take(count) : nil)
    return output
  }

  /// Lays out a dropout mask of [positions, samples, channels]; nil without a rate, or without training.
  mutating func mask(_ role: String, rate: Double, positions: Int, channels: Int, stride: Int) -> DropoutMask? {
    guard trains, rate > 0 else { return nil }
    let mask = DropoutMask(
      layer: name, role: role, rate: Float(rate), positions: positions, channels: channels, samples: samples,
      stride: stride, firstGroup: masks.last?.endGroup ?? 0, workspace: workspace)
    masks.append(mask)
    return mask
  }
}
