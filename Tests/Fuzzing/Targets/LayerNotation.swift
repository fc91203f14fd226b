import NeuralNet

/// Descriptions of networks in a short notation, so that a few bytes make layers of every kind with options of every kind, possible
/// and impossible ones; most changes of a JSON text make no JSON.
///
/// The first bytes are the input's rank and sides. Then comes a byte for each layer's class, and one for each of its options: 0
/// leaves it out. A Flatten and a Dense layer end the network, unless the first byte is odd.
struct LayerNotation {
  private var bytes: ArraySlice<UInt8>

  /// The description.
  static func network(_ bytes: [UInt8]) -> ConfigurationValue {
    var notation = LayerNotation(bytes: bytes[...])
    return notation.network()
  }

  private enum Option {
    case integer, integers, flag, rate, number
    case text([String])
    case layer
  }

  private static let initializers = Option.text(["zeros", "ones", "he_normal", "glorot_uniform", "orthogonal", "none"])
  private static let activations = Option.text(
    ["relu", "tanh", "sigmoid", "softmax", "gelu", "leaky_relu", "linear", "none"])
  private static let window: [(String, Option)] = [
    ("strides", .integers), ("padding", .text(["same", "valid", "causal"])),
  ]
  private static let convolution: [(String, Option)] =
    [
      ("filters", .integer), ("kernel_size", .integers), ("activation", activations), ("use_bias", .flag),
      ("kernel_initializer", initializers),
    ] + window
  private static let pooling: [(String, Option)] = [("pool_size", .integers)] + window
  private static let normalization: [(String, Option)] = [
    ("axis", .integers), ("epsilon", .number), ("center", .flag), ("scale", .flag), ("gamma_initializer", initializers),
  ]
  private static let recurrent: [(String, Option)] = [
    ("units", .integer), ("return_sequences", .flag), ("go_backwards", .flag), ("dropout", .rate),
    ("recurrent_dropout", .rate), ("use_bias", .flag), ("recurrent_initializer", initializers),
  ]

  private static let classes: [(name: String, options: [(String, Option)])] = [
    ("Dense", [("units", .integer), ("activation", activations), ("use_bias", .flag)]),
    ("Activation", [("activation", activations)]),
    ("ReLU", [("max_value", .number), ("negative_slope", .number), ("threshold", .number)]),
    ("LeakyReLU", [("negative_slope", .number)]), ("Softmax", [("axis", .integers)]), ("Dropout", [("rate", .rate)]),
    ("Conv1D", convolution), ("Conv2D", convolution), ("MaxPooling1D", pooling), ("MaxPooling2D", pooling),
    ("AveragePooling1D", pooling), ("AveragePooling2D", pooling), ("GlobalMaxPooling1D", [("keepdims", .flag)]),
    ("GlobalMaxPooling2D", [("keepdims", .flag)]), ("GlobalAveragePooling1D", [("keepdims", .flag)]),
    ("GlobalAveragePooling2D", [("keepdims", .flag)]), ("Flatten", []), ("Reshape", [("target_shape", .integers)]),
    ("Rescaling", [("scale", .number), ("offset", .number)]), ("LayerNormalization", normalization),
    ("GroupNormalization", [("groups", .integer)] + normalization),
    ("LSTM", recurrent + [("unit_forget_bias", .flag)]), ("GRU", recurrent + [("reset_after", .flag)]),
    ("Bidirectional", [("layer", .layer), ("merge_mode", .text(["concat", "sum", "ave", "mul"]))]),
  ]

  private mutating func next() -> Int { Int(bytes.popFirst() ?? 0) }

  private mutating func network() -> ConfigurationValue {
    let first = next()
    let sides = (0..<1 + first / 2 % 4).map { _ in whole() }
    var layers = [
      described("InputLayer", ["batch_shape": .array([.null] + sides.map { .integer($0) })])
    ]
    while !bytes.isEmpty { layers.append(layer(Self.classes[next() % Self.classes.count])) }
    if first.isMultiple(of: 2) {
      layers.append(described("Flatten", [:]))
      layers.append(described("Dense", ["units": .integer(3), "activation": .string("softmax")]))
    }
    return described("Sequential", ["layers": .array(layers)])
  }

  private func described(_ name: String, _ options: [String: ConfigurationValue]) -> ConfigurationValue {
    .object(["class_name": .string(name), "config": .object(options)])
  }

  private mutating func layer(_ kind: (name: String, options: [(String, Option)])) -> ConfigurationValue {
    var options: [String: ConfigurationValue] = [:]
    for (name, option) in kind.options { if let value = value(option) { options[name] = value } }
    return described(kind.name, options)
  }

  private mutating func value(_ option: Option) -> ConfigurationValue? {
    let choice = next()
    guard choice > 0 else { return nil }
    switch option {
    case .integer: return .integer(whole())
    case .integers: return choice == 1 ? .integer(whole()) : .array((0..<choice % 4).map { _ in .integer(whole()) })
    case .flag: return choice == 255 ? .null : .bool(choice.isMultiple(of: 2))
    case .rate: return .number(Double(choice) / 250)
    case .number:
      let numbers = [0, 1, -1, 0.5, 1e-3, 1e-30, 1e30, -1e30, 1e300, -1e300, 255, 1 / 255.0]
      return choice < 4 ? .integer(choice) : .number(numbers[choice % numbers.count])
    case .text(let texts): return .string(texts[choice % texts.count])
    case .layer: return layer(Self.classes[choice % Self.classes.count])
    }
  }

  /// Mostly a small number, seldom one that must be refused.
  private mutating func whole() -> Int {
    let byte = next()
    let hostile = [0, -1, -2, .min, .max, 1 << 20, 1 << 28, (1 << 28) + 1, 1 << 32, 1 << 14, 65, 100_000]
    return byte >= 240 ? hostile[(byte - 240) % hostile.count] : 1 + byte % 20
  }
}
