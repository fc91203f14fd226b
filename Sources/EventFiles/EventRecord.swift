/// TensorFlow's framing of records, one after the other: the length as eight bytes, its checksum, the data, their checksum; all
/// numbers little-endian. Source: tensorflow/core/lib/io/record_writer.h.
package enum EventRecord {
  /// The bytes of a record beside its data.
  private static let frame = 16
  /// The longest data that are looked at; ours are far shorter.
  private static let mostBytes = 1 << 26

  /// The record that holds the data.
  package static func encoded(_ data: [UInt8]) -> [UInt8] {
    let length = littleEndian(UInt64(data.count))
    return length + littleEndian(CRC32C.masked(length)) + data + littleEndian(CRC32C.masked(data))
  }

  /// The data of the record that begins at `offset`, and where the next one begins; nil where there is no whole, sound record.
  package static func read(_ bytes: [UInt8], at offset: Int) -> (data: ArraySlice<UInt8>, end: Int)? {
    guard bytes.count - offset >= frame else { return nil }
    let length = number(bytes[offset..<offset + 8])
    guard length <= UInt64(min(mostBytes, bytes.count - offset - frame)),
      number(bytes[offset + 8..<offset + 12]) == UInt64(CRC32C.masked(bytes[offset..<offset + 8]))
    else { return nil }
    let data = bytes[offset + 12..<offset + 12 + Int(length)]
    guard number(bytes[data.endIndex..<data.endIndex + 4]) == UInt64(CRC32C.masked(data)) else { return nil }
    return (data, data.endIndex + 4)
  }

  private static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
