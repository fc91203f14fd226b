// What `Layer` requires of a layer is documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import Kernels

/// How `Bidirectional` joins the outputs of its two directions.
public enum MergeMode: String, CaseIterable, Hashable, Sendable {
  /// The forward direction's channels, then the backward direction's.
  case concat
  case sum
  /// The mean.
  case ave
  /// The product, element by element.
  case mul
}

/// Keras' `Bidirectional` (Schuster and Paliwal, 1997): a recurrent layer over the time steps, and a second one with
/// weights of its own over the time steps in reverse order; their outputs are joined.
///
/// With `returnSequences`, position t has the states of both directions after they have read position t; else the last
/// state of each is joined. Dropout masks are drawn for either direction, the forward one first.
public struct Bidirectional: Layer {
  public static let kerasName = "Bidirectional"
  /// The forward direction; the backward one has the same options.
  package let layer: any RecurrentLayer
  /// How the outputs are joined.
  public let mergeMode: MergeMode

  /// Both directions of a recurrent layer, which must not go backwards itself.
  public init(_ layer: some RecurrentLayer, mergeMode: MergeMode = .concat) {
    precondition(!layer.options.goBackwards, "a layer inside of Bidirectional does not go backwards itself")
    self.layer = layer
    self.mergeMode = mergeMode
  }

  public init(_ configuration: inout LayerConfiguration) throws(ArchitectureError) {
    if configuration.isNull("merge_mode") {
      throw ArchitectureError(
        layer: configuration.layer,
        "merge_mode = None is not supported, it makes two outputs; 'concat', 'sum', 'ave' and 'mul' are")
    }
    mergeMode = try configuration.choice("merge_mode", default: .concat)
    guard let forward = try Self.direction("layer", &configuration) else {
      throw ArchitectureError(layer: configuration.layer, "has no 'layer', which it must have")
    }
    guard !forward.options.goBackwards else {
      throw ArchitectureError(
        layer: configuration.layer, "go_backwards = True of its layer is not supported; False is")
    }
    layer = forward
    guard var backward = try Self.direction("backward_layer", &configuration) else { return }
    let goesBackwards = backward.options.goBackwards
    backward.options.goBackwards = false
    guard goesBackwards, type(of: backward) == type(of: forward), backward.configuration == forward.configuration else {
      throw ArchitectureError(
        layer: configuration.layer,
        "a backward_layer of other options than the layer's, but for go_backwards=True, is not supported; leave it out")
    }
  }

  /// The recurrent layer that an option has.
  private static func direction(
    _ option: String, _ configuration: inout LayerConfiguration
  ) throws(ArchitectureError) -> (any RecurrentLayer)? {
    guard let value = configuration.take(option) else { return nil }
    guard let kind = value.members?["class_name"]?.text, let options = value.members?["config"]?.members else {
      throw ArchitectureError(layer: configuration.layer, "\(option) has no 'class_name' or no 'config'")
    }
    let recurrent = LayerTable.all.filter { $0 is any RecurrentLayer.Type }.map { $0.kerasName }
    guard recurrent.contains(kind), let layer = try Architecture.layer(kind, options) as? any RecurrentLayer else {
      throw ArchitectureError(
        layer: configuration.layer,
        "\(option) = '\(kind)' is not supported; \(recurrent.joined(separator: " and ")) are")
    }
    return layer
  }

  public var configuration: [String: ConfigurationValue] {
    func direction(_ name: String, goBackwards: Bool) -> ConfigurationValue {
      let kind = type(of: layer).kerasName
      let own: [String: ConfigurationValue] = [
        "name": .string("\(name)_\(LayerNames.snakeCase(kind))"), "go_backwards": .bool(goBackwards),
      ]
      return .keras(kind, of: "keras.layers", layer.configuration.merging(own) { $1 })
    }
    return [
      "layer": direction("forward", goBackwards: false), "backward_layer": direction("backward", goBackwards: true),
      "merge_mode": .string(mergeMode.rawValue),
    ]
  }

  public func outputShape(_ input: Shape) throws(ArchitectureError) -> Shape {
    let single = try layer.outputShape(input)
    return mergeMode == .concat ? Shape(single.dimensions.dropLast() + [2 * single.channels]) : single
  }

  public func weights(_ input: Shape) -> [Weight] {
    let single = layer.weights(input)
    return ["forward", "backward"].flatMap { direction in
      single.map { Weight("\(direction)/\($0.name)", $0.shape, $0.initializer) }
    }
  }

  public func multiplyAccumulates(_ input: Shape) -> Int { 2 * layer.multiplyAccumulates(input) }

  public func multiplyAccumulatesThroughTime(_ input: Shape) -> Int { 2 * layer.multiplyAccumulatesThroughTime(input) }

  public var reading: Reading { layer.reading }

  public func operation(_ context: inout LayerContext) -> (any LayerOperation)? {
    guard let shape = try? outputShape(context.input.shape) else { return nil }
    return BidirectionalOperation(self, shape, &context)
  }
}

private struct BidirectionalOperation: LayerOperation {
  let forwards: any Recurrence, backwards: any Recurrence
  let output: Signal
  let mergeMode: MergeMode
  let returnsSequences: Bool
  /// The channels of a direction, and the distance between its rows.
  let units: Int, stride: Int
  /// The states that are joined, in `output`'s rows.
  let forwardStates: UnsafePointer<Float>, backwardStates: UnsafePointer<Float>
  /// The gradients with respect to them; nil without a backward pass.
  let gradients: (forward: UnsafeMutablePointer<Float>, backward: UnsafeMutablePointer<Float>)?

  init(_ layer: Bidirectional, _ shape: Shape, _ context: inout LayerContext) {
    let steps = context.input.positions
    forwards = layer.layer.recurrence(&context, prefix: "forward/", reversed: false)
    backwards = layer.layer.recurrence(&context, prefix: "backward/", reversed: true)
    output = context.makeOutput(shape)
    mergeMode = layer.mergeMode
    returnsSequences = layer.layer.options.returnSequences
    units = layer.layer.options.units
    stride = padded(units)
    // Both directions keep their states in the places of the input's positions.
    let last = returnsSequences ? 0 : (steps - 1) * output.samples * stride
    forwardStates = UnsafePointer(forwards.outputs + last)
    backwardStates = UnsafePointer(backwards.outputs)
    let count = output.rows * stride
    gradients = context.trains ? (context.workspace.take(count), context.workspace.take(count)) : nil
  }

  /// The length of either direction's states.
  private var count: Int { output.rows * stride }

  func pack(_ parameters: UnsafePointer<Float>) {
    forwards.pack(parameters)
    backwards.pack(parameters)
  }

  func forward() {
    forwards.forward()
    backwards.forward()
    let y = output.values
    switch mergeMode {
    case .concat:
      for row in 0..<output.rows {
        let target = y + row * output.stride
        copyNumbers(forwardStates + row * stride, into: target, count: units)
        copyNumbers(backwardStates + row * stride, into: target + units, count: units)
      }
    case .sum, .ave:
      y.update(from: forwardStates, count: count)
      addElements(backwardStates, to: y, count: count)
      if mergeMode == .ave { scaleElements(y, by: 0.5, count: count) }
    case .mul: multiplyElements(forwardStates, backwardStates, into: y, count: count)
    }
  }

  func backward(into gradient: UnsafeMutablePointer<Float>) {
    guard let gradients else { preconditionFailure("a layer laid out for inference has no backward pass") }
    split(output.requiredGradient, into: gradients)
    backward(forwards, gradients.forward, into: gradient, accumulates: false)
    backward(backwards, gradients.backward, into: gradient, accumulates: true)
  }

  /// The gradients with respect to the states of both directions.
  private func split(
    _ dy: UnsafeMutablePointer<Float>,
    into gradients: (forward: UnsafeMutablePointer<Float>, backward: UnsafeMutablePointer<Float>)
  ) {
    switch mergeMode {
    case .concat:
      for row in 0..<output.rows {
        let source = dy + row * output.stride
        copyNumbers(source, into: gradients.forward + row * stride, count: units)
        copyNumbers(source + units, into: gradients.backward + row * stride, count: units)
      }
    case .sum, .ave:
      if mergeMode == .ave { scaleElements(dy, by: 0.5, count: count) }
      gradients.forward.update(from: dy, count: count)
      gradients.backward.update(from: dy, count: count)
    case .mul:
      multiplyElements(dy, backwardStates, into: gradients.forward, count: count)
      multiplyElements(dy, forwardStates, into: gradients.backward, count: count)
    }
  }

  private func backward(
    _ recurrence: any Recurrence, _ dy: UnsafeMutablePointer<Float>, into gradient: UnsafeMutablePointer<Float>,
    accumulates: Bool
  ) {
    recurrence.backward(
      outputGradients: returnsSequences ? dy : nil, lastOutputGradient: returnsSequences ? nil : dy, into: gradient,
      accumulates: accumulates)
  }
}
