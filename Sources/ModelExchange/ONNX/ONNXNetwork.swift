import NeuralNet
import ProtocolBuffers

/// A value on its way through the graph.
struct ONNXValue {
  /// Its name in the graph.
  var name: String
  /// The shape of a sample, as the network has it.
  var shape: Shape
  /// Which of the axes [batch] + shape stands in each place. ONNX wants the channels before the positions for a convolution, and the
  /// time steps before the batch for a recurrence; a value is only turned where the next layer wants it otherwise.
  var order: [Int]

  /// The axes as the network has them: the batch, the positions, the channels.
  static func natural(_ shape: Shape) -> [Int] { Array(0...shape.rank) }
  /// The batch, the channels, the positions.
  static func channelsFirst(_ shape: Shape) -> [Int] { [0, shape.rank] + Array(1..<shape.rank) }
  /// The time steps, the batch, the channels.
  static let timeFirst = [1, 0, 2]

  /// The place of the channels.
  var channelAxis: Int { order.firstIndex(of: shape.rank) ?? order.count - 1 }
}

/// A network becoming a graph, layer by layer.
struct ONNXNetwork {
  var graph: ONNXGraph
  let model: ExportedModel

  init(_ model: ExportedModel) {
    self.model = model
    graph = ONNXGraph(reserving: [Self.image, Self.logits, Self.probabilities])
  }

  private static let image = "image", logits = "logits", probabilities = "probabilities"

  /// The network's input, made of the pixels.
  mutating func preprocessed() -> ONNXValue {
    let shape = model.architecture.input
    var name = graph.add("Cast", [Self.image], "pixels", ["to": .integer(ONNXGraph.ElementType.float.rawValue)])
    if model.inverts { name = graph.add("Sub", [scalar(255, "white"), name], "inverted") }
    switch model.preprocessing {
    case .raw: break
    case .unit: name = graph.add("Div", [name, scalar(255, "white")], "unit")
    case .standardized: name = standardized(name, shape)
    }
    return ONNXValue(name: name, shape: shape, order: ONNXValue.natural(shape))
  }

  /// (pixel - mean) / standard deviation over a whole image; the latter is at least 1 / √count.
  private mutating func standardized(_ pixels: String, _ shape: Shape) -> String {
    let axes = Array(1...shape.rank)
    let (centered, variance) = centered(pixels, over: axes, "image")
    let deviation = graph.add("Sqrt", [variance], "image/deviation")
    let least = scalar(1 / Double(shape.count).squareRoot(), "image/least_deviation")
    let bounded = graph.add("Max", [deviation, least], "image/bounded_deviation")
    return graph.add("Div", [centered, bounded], "standardized")
  }

  /// x - mean and the variance over these axes, which stay with length 1.
  mutating func centered(_ input: String, over axes: [Int], _ name: String) -> (centered: String, variance: String) {
    let mean = graph.add("ReduceMean", [input], "\(name)/mean", ["axes": .integers(axes), "keepdims": .integer(1)])
    let centered = graph.add("Sub", [input, mean], "\(name)/centered")
    let squares = graph.add("Mul", [centered, centered], "\(name)/squares")
    let variance = graph.add(
      "ReduceMean", [squares], "\(name)/variance", ["axes": .integers(axes), "keepdims": .integer(1)])
    return (centered, variance)
  }

  /// The outputs, made of the logits; then the whole graph.
  mutating func finished(_ logits: ONNXValue) -> ProtobufMessage {
    let rank = logits.shape.rank
    // A node of its own where the last layers only pass on, or where the order of the axes has to be put right.
    _ = graph.add("Identity", [turned(logits, to: ONNXValue.natural(logits.shape), "logits")], "logits")
    graph.renameLast(to: Self.logits)
    _ = graph.add("Softmax", [Self.logits], "probabilities", ["axis": .integer(rank)])
    graph.renameLast(to: Self.probabilities)
    let classes = [model.architecture.classes]
    return graph.encoded(
      name: model.architecture.name,
      inputs: [
        .init(
          name: Self.image, type: .uint8, dimensions: model.architecture.input.dimensions,
          meaning: "Pixels from 0 to 255, row by row; channels last.")
      ],
      outputs: [
        .init(
          name: Self.probabilities, type: .float, dimensions: classes,
          meaning: "The probability of each class of class_names in the metadata."),
        .init(
          name: Self.logits, type: .float, dimensions: classes, meaning: "The numbers whose softmax the probabilities are."),
      ])
  }

  /// A number as a constant.
  mutating func scalar(_ value: Double, _ name: String) -> String { graph.constant([Float(value)], [], name) }

  /// A weight of a layer; nil if it has none of that name.
  func weight(_ stage: Architecture.Stage, _ name: String) -> [Float]? { model.values("\(stage.name)/\(name)") }

  /// The value with its axes in that order.
  mutating func turned(_ value: ONNXValue, to order: [Int], _ name: String) -> String {
    guard value.order != order else { return value.name }
    let places = order.compactMap { value.order.firstIndex(of: $0) }
    return graph.add("Transpose", [value.name], "\(name)/turned", ["perm": .integers(places)])
  }
}
