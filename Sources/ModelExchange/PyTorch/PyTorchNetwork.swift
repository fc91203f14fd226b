import ModelFiles
import NeuralNet

/// A network becoming a module of PyTorch: what its `__init__` makes, what its `forward` does, and how the weights get into it.
struct PyTorchNetwork {
  /// The lines of `__init__`, `forward` and `load`.
  private(set) var modules: [String] = [], steps: [String] = [], loads: [String] = []
  /// The conversions that are needed, and those of them where a layer lacks a bias, a beta or a gamma.
  private(set) var conversions: Set<Conversion> = [], incomplete: Set<Conversion> = []
  /// Whether the channels stand before the positions at this place, as PyTorch's convolutions want them, and not after them.
  private var channelsFirst = false
  /// The channels of what was flattened with the channels first, up to the next Dense.
  private var flattenedChannels: Int?
  /// Whether there is a convolution of rows, whose class the file then has.
  private(set) var hasRows = false
  private var names = PythonNames()
  let model: ExportedModel

  init(_ model: ExportedModel) {
    self.model = model
    preprocess()
    let stages = model.architecture.logitStages
    let channelsFirst = Self.flattenedChannelsFirst(stages, model.architecture.input)
    for stage in stages {
      if channelsFirst.contains(stage.name) {
        setChannels(first: true, stage.input)
        self.channelsFirst = false
        flattenedChannels = stage.input.channels
        steps.append("x = x.flatten(1)")
      } else {
        add(stage)
      }
    }
  }

  /// The Flattens that are PyTorch's own, with the channels first, so that the module's state is what `TorchLayout` expects of a network
  /// that was written in PyTorch. Before the next Dense, nothing may depend on which numbers are neighbours.
  private static func flattenedChannelsFirst(_ stages: [Architecture.Stage], _ input: Shape) -> Set<String> {
    var order = TorchOrder(input: input)
    var found: Set<String> = []
    for (place, stage) in stages.enumerated() {
      order.pass(stage)
      guard stage.layer is Flatten, stage.input.rank > 1, order.flattened != nil else { continue }
      let next = stages[(place + 1)...].first { next in
        next.layer is Dense || next.layer is Reshape
          || (next.layer as? GroupNormalization).map { $0.groups != 1 } == true
      }
      if next?.layer is Dense { found.insert(stage.name) }
    }
    return found
  }

  private mutating func preprocess() {
    let shape = model.architecture.input
    let axes = shape.rank == 1 ? "1" : "(" + (1...shape.rank).map(String.init).joined(separator: ", ") + ")"
    let pixels = model.inverts ? "(255 - image).float()" : "image.float()"
    switch model.preprocessing {
    case .raw: steps.append("x = \(pixels)")
    case .unit: steps.append("x = \(pixels) / 255")
    case .standardized:
      steps += [
        "x = \(pixels)", "x = x - x.mean(\(axes), keepdim=True)",
        "x = x / x.square().mean(\(axes), keepdim=True).sqrt().clamp(min=\(shape.count)**-0.5)",
      ]
    }
  }

  private mutating func add(_ stage: Architecture.Stage) {
    switch stage.layer {
    case let layer as Dense:
      setChannels(first: false, stage.input)
      let call = module(
        stage, "nn.Linear(\(stage.input.channels), \(layer.units)\(layer.useBias ? "" : ", bias=False"))", .dense)
      note(.dense, lacks: !layer.useBias)
      steps.append("x = \(applied(layer.activation, to: "\(call)(x)"))")
    case let layer as any Convolution: convolution(layer, stage)
    case let layer as any Pooling: pooling(layer, stage)
    case let layer as any GlobalPooling: globalPooling(layer, stage)
    case let layer as any RecurrentLayer: recurrent(layer, stage)
    case let layer as Bidirectional: bidirectional(layer, stage)
    case let layer as LayerNormalization:
      setChannels(first: false, stage.input)
      normalization("nn.LayerNorm(\(stage.input.channels), eps=\(layer.options.epsilon)", layer.options, stage)
    case let layer as GroupNormalization:
      setChannels(first: true, stage.input)
      let (channels, groups) = (stage.input.channels, layer.groups)
      normalization(
        "nn.GroupNorm(\(groups == -1 ? channels : groups), \(channels), eps=\(layer.options.epsilon)", layer.options,
        stage)
    case let layer as Activation: activation(layer)
    case let layer as ReLU: activation(layer.activation)
    case let layer as LeakyReLU: activation(layer.activation)
    case is Softmax: activation(Activation(.softmax))
    case let layer as Rescaling:
      steps.append("x = x * \(layer.scale)" + (layer.offset == 0 ? "" : " + \(layer.offset)"))
    case is Flatten where stage.input.rank > 1:
      setChannels(first: false, stage.input)
      steps.append("x = x.flatten(1)")
    case is Flatten: break
    case is Reshape:
      setChannels(first: false, stage.input)
      steps.append("x = x.reshape(len(x), \(list(stage.output.dimensions)))")
    case let layer as Dropout: steps.append("x = F.dropout(x, \(layer.rate), self.training)")
    default: preconditionFailure("\(type(of: stage.layer).kerasName) has no translation to PyTorch")
    }
  }

  /// Turns x, of this shape, if the channels stand elsewhere; where there are no positions, both orders are the same.
  private mutating func setChannels(first: Bool, _ shape: Shape) {
    defer { channelsFirst = first }
    guard first != channelsFirst, shape.rank > 1 else { return }
    steps.append(first ? "x = x.movedim(-1, 1)  # channels first" : "x = x.movedim(1, -1)  # channels last")
  }

  /// Makes a module and returns how `forward` calls it.
  private mutating func module(_ stage: Architecture.Stage, _ expression: String, _ conversion: Conversion?) -> String {
    let name = names.attribute(stage.name)
    modules.append("self.\(name) = \(expression)")
    if let conversion {
      conversions.insert(conversion)
      turnFlattened(stage)
      let state: String
      if stage.layer is Bidirectional {
        conversions.insert(.bidirectional)
        state = "\(Conversion.bidirectional.function)(\(conversion.function), t, \(pythonText(stage.name)))"
      } else {
        state = "\(conversion.function)(t, \(pythonText(stage.name)))"
      }
      loads.append("model.\(name).load_state_dict(\(state))")
    }
    return "self.\(name)"
  }

  /// Brings the weights of a layer after a Flatten into the order of what that makes.
  private mutating func turnFlattened(_ stage: Architecture.Stage) {
    guard let channels = flattenedChannels else { return }
    conversions.insert(.flattened)
    let weights = stage.layer is Dense ? ["kernel"] : ["gamma", "beta"]
    for weight in weights where model.values("\(stage.name)/\(weight)") != nil {
      let value = "t[\(pythonText("\(stage.name)/\(weight)"))]"
      loads.append("\(value) = \(Conversion.flattened.function)(\(value), \(channels))")
    }
    if stage.layer is Dense { flattenedChannels = nil }
  }

  private mutating func note(_ conversion: Conversion, lacks: Bool) { if lacks { incomplete.insert(conversion) } }

  private mutating func activation(_ layer: Activation) {
    guard layer.function != .linear else { return }
    steps.append("x = \(applied(layer.function, slope: layer.slope, to: "x"))")
  }

  private func applied(_ function: ActivationFunction, slope: Double = 0.2, to x: String) -> String {
    switch function {
    case .linear: x
    case .relu: "F.relu(\(x))"
    case .leakyReLU: "F.leaky_relu(\(x), \(slope))"
    case .tanh: "torch.tanh(\(x))"
    case .sigmoid: "torch.sigmoid(\(x))"
    case .gelu: "F.gelu(\(x))"
    case .softmax: "F.softmax(\(x), \(channelsFirst ? 1 : -1))"
    }
  }
}

// Convolutions and poolings.
extension PyTorchNetwork {
  /// A Conv1d of values whose channels are last. Its sums have the order of the kernel's numbers in Keras, over the window and then over
  /// the channels: of pixels, which are all positive, PyTorch's own order comes out with greater roundings.
  static let rowsClass = """
    class RowConv1d(nn.Conv1d):
        def forward(self, x):  # [batch, steps, channels] to [batch, channels, steps], summed in Keras' order
            weight, stride, padding = self.weight.mT.unsqueeze(1), (*self.stride, 1), (*self.padding, 0)
            return F.conv2d(x.unsqueeze(1), weight, self.bias, stride, padding).squeeze(3)
    """

  private mutating func convolution(_ layer: any Convolution, _ stage: Architecture.Stage) {
    guard let windows = try? layer.windows(stage.input) else { preconditionFailure("a network's shapes fit") }
    // Rows of an image, with the channels last, are not turned: see `rowsClass`.
    let isOfRows = windows.size.count == 1 && !channelsFirst
    if isOfRows { (hasRows, channelsFirst) = (true, true) } else { setChannels(first: true, stage.input) }
    let options = layer.options
    var words = ["\(stage.input.channels)", "\(options.filters)", tuple(windows.size)]
    if windows.strides.contains(where: { $0 != 1 }) { words.append("stride=\(tuple(windows.strides))") }
    if windows.isSymmetric, windows.isPadded { words.append("padding=\(tuple(windows.reach.map(\.before)))") }
    if !options.useBias { words.append("bias=False") }
    let call = module(
      stage, "\(isOfRows ? "RowConv1d" : "nn.Conv\(windows.size.count)d")(\(words.joined(separator: ", ")))",
      .convolution)
    note(.convolution, lacks: !options.useBias)
    let x = windows.isSymmetric ? "x" : "F.pad(x, (\(list((isOfRows ? [0, 0] : []) + windows.pads))))"
    steps.append("x = \(applied(options.activation, to: "\(call)(\(x))"))")
  }

  private mutating func pooling(_ layer: any Pooling, _ stage: Architecture.Stage) {
    guard let windows = try? layer.windows(stage.input) else { preconditionFailure("a network's shapes fit") }
    setChannels(first: true, stage.input)
    let isMean = type(of: layer).kind.computes == .mean
    let function = "F.\(isMean ? "avg" : "max")_pool\(windows.size.count)d"
    let window = [tuple(windows.size)] + (windows.strides == windows.size ? [] : [tuple(windows.strides)])
    func call(_ x: String, _ more: [String] = []) -> String {
      "\(function)(\(([x] + window + more).joined(separator: ", ")))"
    }
    guard windows.isPadded else { return steps.append("x = \(call("x"))") }
    guard !windows.isSymmetric else {
      let padding = "padding=\(tuple(windows.reach.map(\.before)))"
      return steps.append("x = \(call("x", [padding] + (isMean ? ["count_include_pad=False"] : [])))")
    }
    let pads = "(\(list(windows.pads)))"
    guard isMean else { return steps.append("x = \(call("F.pad(x, \(pads), value=-torch.inf)"))") }
    // The mean of what is inside: that with zeros outside, by the part that is inside.
    steps.append("inside = F.pad(torch.ones_like(x[:1, :1]), \(pads))")
    steps.append("x = \(call("F.pad(x, \(pads))")) / \(call("inside"))")
  }

  private mutating func globalPooling(_ layer: any GlobalPooling, _ stage: Architecture.Stage) {
    let axes: String
    switch (channelsFirst, stage.input.rank) {
    case (_, ...1): return
    case (true, 2): axes = "-1"
    case (true, _): axes = "(-2, -1)"
    case (false, 2): axes = "1"
    case (false, _): axes = "(1, 2)"
    }
    steps.append("x = x.\(type(of: layer).kind.computes == .mean ? "mean" : "amax")(\(axes))")
    channelsFirst = false
  }
}

// Recurrent layers and normalizations.
extension PyTorchNetwork {
  private mutating func recurrent(_ layer: any RecurrentLayer, _ stage: Architecture.Stage) {
    setChannels(first: false, stage.input)
    let call = recurrence(layer, stage, "")
    let x = layer.options.goBackwards ? "x.flip(1)" : "x"
    steps.append("x = \(call)(\(x))[0]" + (layer.options.returnSequences ? "" : "[:, -1]"))
  }

  private mutating func bidirectional(_ bidirectional: Bidirectional, _ stage: Architecture.Stage) {
    setChannels(first: false, stage.input)
    let layer = bidirectional.layer
    let call = recurrence(layer, stage, ", bidirectional=True")
    let reduction = [MergeMode.sum: "sum", .ave: "mean", .mul: "prod"][bidirectional.mergeMode]
    if layer.options.returnSequences {
      let joined = reduction.map { ".unflatten(-1, (2, -1)).\($0)(-2)" } ?? ""
      return steps.append("x = \(call)(x)[0]\(joined)")
    }
    // The last state of each direction, [2, batch, units].
    steps.append("h = \(call)(x)[1]\(layer is GRU ? "" : "[0]")")
    steps.append("x = " + (reduction.map { "h.\($0)(0)" } ?? "torch.cat((h[0], h[1]), 1)"))
  }

  private mutating func recurrence(_ layer: any RecurrentLayer, _ stage: Architecture.Stage, _ more: String) -> String {
    let (options, isGRU) = (layer.options, layer is GRU)
    let words = "\(stage.input.channels), \(options.units), batch_first=True\(options.useBias ? "" : ", bias=False")"
    note(isGRU ? .gru : .lstm, lacks: !options.useBias)
    return module(stage, "nn.\(isGRU ? "GRU" : "LSTM")(\(words)\(more))", isGRU ? .gru : .lstm)
  }

  private mutating func normalization(_ start: String, _ options: NormalizationOptions, _ stage: Architecture.Stage) {
    guard options.center || options.scale else {
      let call = module(
        stage, "\(start), \(stage.layer is LayerNormalization ? "elementwise_affine" : "affine")=False)", nil)
      return steps.append("x = \(call)(x)")
    }
    note(.normalization, lacks: !(options.center && options.scale))
    let call = module(stage, "\(start))", .normalization)
    steps.append("x = \(call)(x)")
  }
}

extension Windows {
  /// Whether windows reach outside.
  fileprivate var isPadded: Bool { reach.contains { $0 != (0, 0) } }

  /// Whether they reach as far at the end as at the beginning.
  fileprivate var isSymmetric: Bool { reach.allSatisfy { $0.before == $0.after } }

  /// The padding as `F.pad` counts it: before and after the last dimension, then the one before it.
  fileprivate var pads: [Int] { reach.reversed().flatMap { [$0.before, $0.after] } }
}

/// Numbers in a list, `3, 4`.
private func list(_ numbers: [Int]) -> String { numbers.map(String.init).joined(separator: ", ") }

/// Numbers as an argument: one by itself, more as a tuple.
private func tuple(_ numbers: [Int]) -> String {
  Set(numbers).count == 1 ? String(numbers[0]) : "(\(list(numbers)))"
}
