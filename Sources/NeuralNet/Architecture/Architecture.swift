/// A network as a value: the shape of a sample, and layers one after the other, as in Keras' `Sequential`.
///
///     try Architecture(input: [28, 28]) {
///       Conv1D(64, kernelSize: 3, padding: .same, activation: .relu)
///       MaxPooling1D(2)
///       Dropout(0.3)
///       LSTM(64, returnSequences: true, dropout: 0.3, recurrentDropout: 0.2)
///       LSTM(64, dropout: 0.3)
///       Dense(64, activation: .relu)
///       Dropout(0.3)
///       Dense(25, activation: .softmax)
///     }
///
/// It gives the parameters' layout, the initial weights, the multiply-accumulates and, with `Network`, what computes it.
/// Its JSON is that of Keras' `Sequential` (see `Architecture+JSON.swift`).
public struct Architecture: Sendable {
  /// A layer with its name and the shapes of its input and output.
  public struct Stage: Sendable {
    /// Keras' name of the layer, unique in the network.
    public let name: String
    /// The layer.
    public let layer: any Layer
    /// The shapes of a sample before and after it.
    public let input: Shape, output: Shape

    /// The name and the class, for errors and summaries.
    var title: String { "\(name) (\(type(of: layer).kerasName))" }
  }

  /// The name of the whole.
  public let name: String
  /// The shape of a sample.
  public let input: Shape
  /// The layers in order.
  public let stages: [Stage]
  /// The parameters.
  public let layout: ParameterLayout

  /// The most layers, and the most parameters: bounds against descriptions that are not meant.
  static let layerLimit = 1_000, parameterLimit = 1 << 28

  /// The number of classes: the length of the output.
  public var classes: Int { stages[stages.count - 1].output.channels }

  /// A network of layers with their names; a layer without one is named as Keras does.
  public init(
    name: String = "sequential", input: Shape, layers: [(name: String?, layer: any Layer)]
  ) throws(ArchitectureError) {
    guard !layers.isEmpty else { throw ArchitectureError("a network needs at least one layer") }
    guard layers.count <= Self.layerLimit else {
      throw ArchitectureError("a network of \(layers.count) layers is not supported; \(Self.layerLimit) are")
    }
    var names = LayerNames()
    var stages: [Stage] = []
    var shape = input
    for (given, layer) in layers {
      let name = try names.name(given, of: type(of: layer).kerasName)
      let title = "\(name) (\(type(of: layer).kerasName))"
      let output: Shape
      do throws(ArchitectureError) {
        output = try layer.outputShape(shape)
        guard output.count <= Shape.limit else {
          throw ArchitectureError("\(output.count) numbers a sample are not supported; \(Shape.limit) are")
        }
      } catch { throw error.of(title) }
      stages.append(Stage(name: name, layer: layer, input: shape, output: output))
      shape = output
    }
    self.name = name
    self.input = input
    self.stages = stages
    layout = try Self.layout(stages)
    try requireClassifier()
    guard layout.count > 0 else {
      throw ArchitectureError("the network has no weights: there is nothing to train; add a layer such as Dense")
    }
  }

  /// A network that reads like its Keras text.
  public init(
    input: Shape, @LayerBuilder _ layers: () -> [any Layer]
  ) throws(ArchitectureError) {
    try self.init(input: input, layers: layers().map { (nil, $0) })
  }

  private static func layout(_ stages: [Stage]) throws(ArchitectureError) -> ParameterLayout {
    var weights: [(layer: String, weight: Weight)] = []
    var count = 0
    for stage in stages {
      for weight in stage.layer.weights(stage.input) {
        let size = weight.shape.reduce((1, false)) { product, side in
          let (value, overflow) = product.0.multipliedReportingOverflow(by: side)
          return (value, product.1 || overflow)
        }
        guard !size.1, size.0 <= parameterLimit, count + size.0 <= parameterLimit else {
          throw ArchitectureError(
            layer: stage.title, "more than \(parameterLimit) parameters are not supported; use fewer units")
        }
        count += size.0
        weights.append((stage.name, weight))
      }
    }
    return ParameterLayout(weights)
  }

  /// The output must be the probabilities, or the logits, of some classes.
  private func requireClassifier() throws(ArchitectureError) {
    let last = stages[stages.count - 1]
    guard last.output.rank == 1, (2...1024).contains(last.output.channels) else {
      throw ArchitectureError(
        layer: last.title,
        "gives \(last.output); the network must end in one number for each of 2 to 1024 classes, "
          + "such as Dense(25, activation='softmax')")
    }
    try requireLastActivation()
    guard [.softmax, .linear].contains(last.layer.lastActivation) else {
      throw ArchitectureError(
        layer: last.title,
        "ends in '\(last.layer.lastActivation.rawValue)'; categorical cross-entropy needs probabilities (activation='softmax'), "
          + "or logits (no activation)")
    }
  }
}

extension Architecture {
  /// What comes after the last activation function must not hide it: an output that is taken for logits may have none.
  private func requireLastActivation() throws(ArchitectureError) {
    let last = stages[stages.count - 1]
    func keepsNumbers(_ layer: any Layer) -> Bool {
      layer is Dropout || layer is Flatten || layer is Reshape || (layer as? Activation)?.function == .linear
    }
    var hidden: Set<ActivationFunction> = Set(ActivationFunction.allCases).subtracting([.linear])
    for stage in stages.reversed() {
      if stage.layer.lastActivation != .linear {
        guard stage.name != last.name, hidden.contains(stage.layer.lastActivation) else { return }
        throw ArchitectureError(
          layer: last.title,
          "comes after the '\(stage.layer.lastActivation.rawValue)' of '\(stage.name)'; the network must end in a softmax, or "
            + "in logits, without an activation function")
      }
      guard stage.layer.weights(stage.input).isEmpty else { return }
      // A pooling of activations may be the logits, but not one of probabilities.
      if !keepsNumbers(stage.layer) { hidden.formIntersection([.softmax, .sigmoid]) }
    }
  }
}

/// Collects the layers of a network's text.
@resultBuilder
public enum LayerBuilder {
  /// One layer.
  public static func buildExpression(_ layer: some Layer) -> [any Layer] { [layer] }
  /// Layers one after the other.
  public static func buildBlock(_ parts: [any Layer]...) -> [any Layer] { parts.flatMap { $0 } }
  /// Layers that are there under a condition.
  public static func buildOptional(_ part: [any Layer]?) -> [any Layer] { part ?? [] }
  /// One of two.
  public static func buildEither(first part: [any Layer]) -> [any Layer] { part }
  /// The other of two.
  public static func buildEither(second part: [any Layer]) -> [any Layer] { part }
  /// Repeated layers.
  public static func buildArray(_ parts: [[any Layer]]) -> [any Layer] { parts.flatMap { $0 } }
}

/// Keras' names of layers: the class in snake case, and a number from the second on.
package struct LayerNames {
  private var counts: [String: Int] = [:]
  private var taken: Set<String> = []

  /// The name of the next layer of a class, `given` or Keras' own.
  mutating func name(_ given: String?, of kerasName: String) throws(ArchitectureError) -> String {
    let base = Self.snakeCase(kerasName)
    let number = counts[base, default: 0]
    counts[base] = number + 1
    let name = given ?? (number == 0 ? base : "\(base)_\(number)")
    guard !name.isEmpty, name.utf8.count <= 200, !name.contains("/"), taken.insert(name).inserted else {
      throw ArchitectureError(
        layer: "\(name) (\(kerasName))", "the name is empty, too long, has a '/', or is used twice; give it another")
    }
    return name
  }

  /// `MaxPooling1D` as `max_pooling1d`: an underscore before each capital that begins a word.
  package static func snakeCase(_ name: String) -> String {
    let letters = Array(name)
    var text = ""
    for (index, letter) in letters.enumerated() {
      let beginsWord =
        index > 0 && letter.isUppercase
        && (letters[index - 1].isLowercase
          || (index + 1 < letters.count && letters[index + 1].isLowercase))
      text += (beginsWord ? "_" : "") + letter.lowercased()
    }
    return text
  }
}
