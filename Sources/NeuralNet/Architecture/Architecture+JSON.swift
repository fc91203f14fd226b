extension Architecture: Codable, Hashable {
  /// Reads Keras' JSON of a `Sequential` model: `model.to_json()`, or the `config.json` of a `.keras` file.
  public init(from decoder: any Decoder) throws {
    try self.init(keras: ConfigurationValue(from: decoder))
  }

  /// Writes the JSON that Keras writes for the model, without what it can do without.
  public func encode(to encoder: any Encoder) throws { try keras.encode(to: encoder) }

  /// Two networks are equal if their descriptions are.
  public static func == (a: Architecture, b: Architecture) -> Bool { a.keras == b.keras }

  /// The description's hash.
  public func hash(into hasher: inout Hasher) { hasher.combine(keras) }

  /// Keras' description: `{"class_name": "Sequential", "config": {"name": ..., "layers": [...]}}`.
  public var keras: ConfigurationValue {
    let dimensions = ConfigurationValue.array([.null] + input.dimensions.map { .integer($0) })
    let inputLayer = ConfigurationValue.keras(
      "InputLayer", of: "keras.layers", ["batch_shape": dimensions, "dtype": .string("float32")])
    let layers = stages.map { stage in
      ConfigurationValue.keras(
        type(of: stage.layer).kerasName, of: "keras.layers",
        stage.layer.configuration.merging(["name": .string(stage.name)]) { $1 })
    }
    return .keras("Sequential", of: "keras", ["name": .string(name), "layers": .array([inputLayer] + layers)])
  }

  /// The network of Keras' description, of Keras 3 or 2.
  ///
  /// - Parameter input: the shape of a sample where the description has none.
  public init(keras: ConfigurationValue, input given: Shape? = nil) throws(ArchitectureError) {
    guard let model = keras.members, let kind = model["class_name"]?.text else {
      throw ArchitectureError(
        "this is not a Keras model: JSON with 'class_name' and 'config', as model.to_json() writes, is needed")
    }
    guard kind == "Sequential" else {
      throw ArchitectureError(
        "a model of the class '\(kind)' is not supported; Sequential is: layers one after the other")
    }
    // Keras 2.2 and before have the list of layers itself as the configuration.
    guard let layers = (model["config"]?.members?["layers"] ?? model["config"])?.elements else {
      throw ArchitectureError("the Sequential model has no list of layers ('config', 'layers')")
    }
    var shape = given
    if shape == nil { shape = try model["config"]?.members?["build_input_shape"].flatMap(Self.shape) }
    var described: [(name: String?, layer: any Layer)] = []
    for layer in layers {
      guard let kind = layer.members?["class_name"]?.text, let configuration = layer.members?["config"]?.members else {
        throw ArchitectureError("layer \(described.count + 1) has no 'class_name' or no 'config'")
      }
      let batchShape = configuration["batch_shape"] ?? configuration["batch_input_shape"]
      if described.isEmpty, let own = try batchShape.flatMap(Self.shape) { shape = own }
      if kind == "InputLayer" { continue }
      if let own = layer.members?["registered_name"]?.text, own.contains(">") {
        throw ArchitectureError(
          layer: "\(configuration["name"]?.text ?? "?") (\(kind))",
          "is a class of its own, '\(own)', which is not supported")
      }
      described.append((configuration["name"]?.text, try Self.layer(kind, configuration)))
    }
    guard let shape else {
      throw ArchitectureError(
        "the model does not say what its input is; begin it with keras.Input((28, 28)), or build it before to_json()")
    }
    try self.init(
      name: model["config"]?.members?["name"]?.text ?? "sequential", input: shape, layers: described)
  }

  /// A sample's shape in Keras' notation: a list whose first element, the batch, is null.
  private static func shape(_ value: ConfigurationValue) throws(ArchitectureError) -> Shape? {
    guard let elements = value.elements else { return nil }
    let dimensions = elements.dropFirst().map(\.whole)
    var count = 1
    for dimension in dimensions {
      guard let dimension, (1...Shape.limit).contains(dimension), count * dimension <= Shape.limit else {
        throw ArchitectureError(
          "the input shape \(value) is not supported; all dimensions but the first must be known, at most \(Shape.limit) numbers"
        )
      }
      count *= dimension
    }
    guard (1...3).contains(dimensions.count) else {
      throw ArchitectureError(
        "the input shape \(value) is not supported; [height, width], [height, width, channels] and [pixels] are")
    }
    return Shape(dimensions.compactMap { $0 })
  }

  /// A layer of Keras' description.
  static func layer(
    _ kind: String, _ options: [String: ConfigurationValue]
  ) throws(ArchitectureError) -> any Layer {
    let title = "\(options["name"]?.text ?? "?") (\(kind))"
    guard let type = LayerTable.all.first(where: { $0.kerasName == kind }) else {
      throw ArchitectureError(layer: title, LayerTable.reason(kind))
    }
    var configuration = LayerConfiguration(layer: title, options)
    do throws(ArchitectureError) {
      let layer = try type.init(&configuration)
      try configuration.finish()
      return layer
    } catch { throw error.of(title) }
  }
}

extension LayerTable {
  /// Why a layer that is not in the table cannot be had, and what can.
  static func reason(_ kind: String) -> String {
    if kind == "BatchNormalization" {
      return
        "needs the statistics of the whole batch inside the forward pass, which micro-batches on many workers do not "
        + "have; use LayerNormalization or GroupNormalization"
    }
    return "is not supported; these layers are: \(Architecture.layerNames.joined(separator: ", "))"
  }
}
