/// A message in the wire format of Protocol Buffers, field by field in the order of the calls.
///
/// This only writes: what the program makes for other tools (ONNX models, TensorBoard's event files) needs a dozen kinds of
/// messages and no reader. Equal calls give equal bytes. A field of the default value is written too; readers do not mind.
/// Source: <https://protobuf.dev/programming-guides/encoding/>.
package struct ProtobufMessage: Sendable {
  /// The encoded message.
  package private(set) var bytes: [UInt8] = []

  /// How a value is laid out: the lower three bits of a tag.
  private enum WireType: UInt64 {
    case varint = 0
    case fixed64 = 1
    case lengthDelimited = 2
    case fixed32 = 5
  }

  /// A message without fields.
  package init() {}

  /// An `int32`, `int64`, `bool` or enum; two's complement over 64 bits where it is negative.
  package mutating func add(_ field: Int, _ value: Int) {
    tag(field, .varint)
    varint(UInt64(bitPattern: Int64(value)))
  }

  /// A `float`.
  package mutating func add(_ field: Int, _ value: Float) {
    tag(field, .fixed32)
    littleEndian(value.bitPattern)
  }

  /// A `double`.
  package mutating func add(_ field: Int, _ value: Double) {
    tag(field, .fixed64)
    littleEndian(value.bitPattern)
  }

  /// A `string`.
  package mutating func add(_ field: Int, _ text: String) {
    add(field, bytes: Array(text.utf8))
  }

  /// A `bytes` field, or any other of given length.
  package mutating func add(_ field: Int, bytes value: some Collection<UInt8>) {
    tag(field, .lengthDelimited)
    varint(UInt64(value.count))
    bytes.append(contentsOf: value)
  }

  /// A message inside this one.
  package mutating func add(_ field: Int, _ message: ProtobufMessage) {
    add(field, bytes: message.bytes)
  }

  /// A message inside this one, made by a closure.
  package mutating func add(_ field: Int, _ fill: (inout ProtobufMessage) throws -> Void) rethrows {
    var message = ProtobufMessage()
    try fill(&message)
    add(field, message)
  }

  /// A packed `repeated int64`.
  package mutating func add(_ field: Int, packed values: [Int]) {
    var content = ProtobufMessage()
    for value in values { content.varint(UInt64(bitPattern: Int64(value))) }
    add(field, content)
  }

  /// A packed `repeated double`.
  package mutating func add(_ field: Int, packed values: [Double]) {
    var content = ProtobufMessage()
    for value in values { content.littleEndian(value.bitPattern) }
    add(field, content)
  }

  private mutating func tag(_ field: Int, _ type: WireType) {
    precondition(field > 0, "fields are counted from 1")
    varint(UInt64(field) << 3 | type.rawValue)
  }

  /// Seven bits a byte, the lowest first; the highest bit says that more follow.
  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private mutating func littleEndian(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }
}
