import CZlib

/// What was done with an array's chunks before they were written, in order: shuffle, deflate, a checksum.
struct HDF5Filters {
  private enum Filter: Int {
    case deflate = 1, shuffle, fletcher32
  }

  private var filters: [Filter] = []
  private let elementBytes: Int

  /// The filters of a message; none without one.
  init(_ message: HDF5Part?, elementBytes: Int) throws(HDF5Error) {
    self.elementBytes = elementBytes
    guard var message else { return }
    let version = try message.number(1)
    guard version == 1 || version == 2 else { throw .damaged("a filter has version \(version)") }
    let count = try message.number(1)
    if version == 1 { try message.skip(6) }
    for _ in 0..<count {
      let identifier = try message.number(2)
      let nameLength = version == 1 || identifier >= 256 ? try message.number(2) : 0
      try message.skip(2)
      let values = try message.number(2)
      try message.skip(version == 1 ? (nameLength + 7) / 8 * 8 : nameLength)
      try message.skip(4 * values + (version == 1 && values % 2 == 1 ? 4 : 0))
      guard let filter = Filter(rawValue: identifier) else {
        throw .unsupported("has an array with the filter \(identifier)")
      }
      filters.append(filter)
    }
    guard filters.count <= 8 else { throw .damaged("an array has \(filters.count) filters") }
  }

  /// A chunk as it was before the filters: `count` bytes.
  ///
  /// - Parameter mask: a bit for each filter that was left out.
  func undo(_ stored: [UInt8], mask: Int, count: Int) throws(HDF5Error) -> [UInt8] {
    var bytes = stored
    for (index, filter) in filters.enumerated().reversed() where mask >> index & 1 == 0 {
      switch filter {
      case .deflate: bytes = try Self.inflated(bytes, atMost: count + 4)
      case .shuffle: bytes = unshuffled(bytes)
      // The checksum is 4 bytes at the end; whether the numbers are those of the model is checked elsewhere, where it can be.
      case .fletcher32: bytes = bytes.dropLast(4)
      }
    }
    guard bytes.count == count else { throw .damaged("a chunk has \(bytes.count) bytes, not \(count)") }
    return bytes
  }

  /// Bytes of elements, brought together again from all first bytes, all second bytes, ...
  private func unshuffled(_ bytes: [UInt8]) -> [UInt8] {
    let elements = bytes.count / elementBytes
    var result = bytes
    for element in 0..<elements {
      for byte in 0..<elementBytes { result[element * elementBytes + byte] = bytes[byte * elements + element] }
    }
    return result
  }

  /// What a zlib stream expands to.
  private static func inflated(_ bytes: [UInt8], atMost limit: Int) throws(HDF5Error) -> [UInt8] {
    var length = UInt(limit)
    var status = Z_OK
    let result = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
      status = bytes.withUnsafeBufferPointer { source in
        uncompress(buffer.baseAddress, &length, source.baseAddress, UInt(source.count))
      }
      count = status == Z_OK ? Int(length) : 0
    }
    guard status == Z_OK else { throw .damaged("a chunk cannot be expanded (zlib's code \(status))") }
    return result
  }
}
