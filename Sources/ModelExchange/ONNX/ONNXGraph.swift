import FoundationEssentials
import ProtocolBuffers

/// A graph of ONNX in the making: nodes in the order in which they compute, and constants.
///
/// Every value has a name of its own; where two would have the same, the later one gets a number. Equal calls give equal bytes.
/// Source: <https://github.com/onnx/onnx/blob/main/onnx/onnx.proto>.
struct ONNXGraph {
  /// An attribute of a node.
  enum Attribute {
    case integer(Int)
    case number(Double)
    case text(String)
    case integers([Int])
  }

  /// The types of elements, as TensorProto.DataType counts them.
  enum ElementType: Int {
    case float = 1
    case uint8 = 2
    case int64 = 7
  }

  private struct Node {
    let operation: String
    let inputs: [String]
    var outputs: [String]
    let attributes: [(name: String, value: Attribute)]
  }

  private var nodes: [Node] = []
  private var constants: [ProtobufMessage] = []
  private var names: Set<String>

  /// A graph in which these names are the inputs' and outputs'.
  init(reserving names: [String]) { self.names = Set(names) }

  /// Adds a node of one output, or of more of which the last is used, and returns the name of that.
  ///
  /// - Parameters:
  ///   - inputs: names; an empty one for an optional input that is not given.
  ///   - name: what the output is called, if no other value is.
  ///   - unused: the number of outputs before it that nobody wants.
  mutating func add(
    _ operation: String, _ inputs: [String], _ name: String, unused: Int = 0,
    _ attributes: KeyValuePairs<String, Attribute> = [:]
  ) -> String {
    let output = unique(name)
    nodes.append(
      Node(
        operation: operation, inputs: inputs, outputs: Array(repeating: "", count: unused) + [output],
        attributes: attributes.map { ($0.key, $0.value) }))
    return output
  }

  /// Adds a constant of that shape, row-major, and returns its name.
  mutating func constant(_ values: [Float], _ shape: [Int], _ name: String) -> String {
    constant(values.map(\.bitPattern), .float, shape, name)
  }

  /// Adds a constant list of whole numbers: axes, or a shape.
  mutating func constant(_ values: [Int], _ name: String) -> String {
    constant(values.map { Int64($0) }, .int64, [values.count], name)
  }

  private mutating func constant(
    _ values: [some FixedWidthInteger], _ type: ElementType, _ shape: [Int], _ name: String
  ) -> String {
    precondition(values.count == shape.reduce(1, *), "a constant has the values of its shape")
    let name = unique(name)
    var tensor = ProtobufMessage()
    for side in shape { tensor.add(1, side) }
    tensor.add(2, type.rawValue)
    tensor.add(8, name)
    tensor.add(9, bytes: Self.littleEndian(values))
    constants.append(tensor)
    return name
  }

  private static func littleEndian<Number: FixedWidthInteger>(_ values: [Number]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(values.count * MemoryLayout<Number>.size)
    for value in values { withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) } }
    return bytes
  }

  private mutating func unique(_ name: String) -> String {
    var (candidate, number) = (name, 1)
    while !names.insert(candidate).inserted {
      candidate = "\(name)_\(number)"
      number += 1
    }
    return candidate
  }

  /// Calls the last node's output by another name, one of those that were reserved.
  mutating func renameLast(to name: String) {
    guard let last = nodes.popLast() else { preconditionFailure("a graph has nodes") }
    nodes.append(
      Node(
        operation: last.operation, inputs: last.inputs, outputs: last.outputs.dropLast() + [name],
        attributes: last.attributes))
  }

  /// A value that the graph takes or gives: [batch] and the dimensions.
  struct Port {
    let name: String
    let type: ElementType
    let dimensions: [Int]
    let meaning: String
  }

  /// The GraphProto.
  func encoded(name: String, inputs: [Port], outputs: [Port]) -> ProtobufMessage {
    var graph = ProtobufMessage()
    for node in nodes { graph.add(1, Self.encoded(node)) }
    graph.add(2, name)
    for constant in constants { graph.add(5, constant) }
    for port in inputs { graph.add(11, Self.encoded(port)) }
    for port in outputs { graph.add(12, Self.encoded(port)) }
    return graph
  }

  private static func encoded(_ node: Node) -> ProtobufMessage {
    var message = ProtobufMessage()
    for input in node.inputs { message.add(1, input) }
    for output in node.outputs { message.add(2, output) }
    message.add(3, node.outputs.last ?? "")
    message.add(4, node.operation)
    for (name, value) in node.attributes {
      message.add(5) { attribute in
        attribute.add(1, name)
        add(value, to: &attribute)
      }
    }
    return message
  }

  /// The value's field of an AttributeProto, and its type.
  private static func add(_ value: Attribute, to attribute: inout ProtobufMessage) {
    let type: Int
    switch value {
    case .number(let number):
      attribute.add(2, Float(number))
      type = 1
    case .integer(let number):
      attribute.add(3, number)
      type = 2
    case .text(let text):
      attribute.add(4, text)
      type = 3
    case .integers(let numbers):
      for number in numbers { attribute.add(8, number) }
      type = 7
    }
    attribute.add(20, type)
  }

  /// A ValueInfoProto; its first dimension, the batch, has any length.
  private static func encoded(_ port: Port) -> ProtobufMessage {
    var message = ProtobufMessage()
    message.add(1, port.name)
    message.add(2) { type in
      type.add(1) { tensor in
        tensor.add(1, port.type.rawValue)
        tensor.add(2) { shape in
          shape.add(1) { $0.add(2, "batch") }
          for side in port.dimensions { shape.add(1) { $0.add(1, side) } }
        }
      }
    }
    message.add(3, port.meaning)
    return message
  }
}
