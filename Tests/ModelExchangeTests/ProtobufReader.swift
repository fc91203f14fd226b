/// The fields of a message in the wire format, for looking at what was written.
struct ProtobufReader {
  /// A field's content.
  enum Content: Equatable {
    case number(UInt64)
    case bytes([UInt8])
  }

  /// The fields in their order.
  private(set) var fields: [(number: Int, content: Content)] = []

  /// Reads all of a message; stops the test's process where it is none.
  init(_ bytes: [UInt8]) {
    var at = 0
    func varint() -> UInt64 {
      var (value, shift) = (UInt64(0), UInt64(0))
      while true {
        let byte = bytes[at]
        at += 1
        value |= UInt64(byte & 0x7F) << shift
        shift += 7
        if byte < 0x80 { return value }
      }
    }
    while at < bytes.count {
      let tag = varint()
      let number = Int(tag >> 3)
      switch tag & 7 {
      case 0: fields.append((number, .number(varint())))
      case 5:
        fields.append((number, .bytes(Array(bytes[at..<at + 4]))))
        at += 4
      default:
        let count = Int(varint())
        fields.append((number, .bytes(Array(bytes[at..<at + count]))))
        at += count
      }
    }
  }

  /// The numbers of a field.
  func numbers(_ field: Int) -> [Int] {
    fields.compactMap { if $0.number == field, case .number(let value) = $0.content { Int(value) } else { nil } }
  }

  /// The contents of a field of bytes.
  func bytes(_ field: Int) -> [[UInt8]] {
    fields.compactMap { if $0.number == field, case .bytes(let value) = $0.content { value } else { nil } }
  }

  /// The texts of a field.
  func texts(_ field: Int) -> [String] { bytes(field).map { String(decoding: $0, as: UTF8.self) } }

  /// The messages of a field.
  func messages(_ field: Int) -> [ProtobufReader] { bytes(field).map(ProtobufReader.init) }
}
