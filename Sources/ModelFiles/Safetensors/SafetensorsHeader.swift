import Platform

/// The header of a safetensors file: its metadata, and the tensors with their offsets.
struct SafetensorsHeader {
  /// The format's limit of a header's length in bytes.
  static let lengthLimit = 100_000_000
  /// The maximum number of dimensions, as in NumPy.
  private static let dimensionLimit = 64

  /// A tensor as described in the header; offsets are relative to the start of the data.
  struct Entry {
    var name: String
    /// The format's name of the element type, possibly one that this program does not know.
    var type: String
    var shape: [Int]
    var begin: Int
    var end: Int
  }

  /// The header's `__metadata__`.
  private(set) var metadata: [String: String] = [:]
  /// The tensors, in the order of their bytes.
  private(set) var entries: [Entry] = []

  /// The length of the header's JSON in bytes, from the file's first 8 bytes.
  ///
  /// - Parameters:
  ///   - fileSize: the size of the whole file in bytes.
  ///   - most: the maximum length to accept.
  static func length(
    _ bytes: [UInt8], fileSize: Int, atMost most: Int = lengthLimit
  ) throws(SafetensorsError) -> Int {
    guard fileSize >= 8, bytes.count >= 8 else { throw SafetensorsError(.tooShort(fileSize)) }
    let length = bytes.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
    let limit = min(fileSize - 8, most)
    guard length <= UInt64(limit) else { throw SafetensorsError(.headerTooLong(length: length, limit: limit)) }
    return Int(length)
  }

  /// Parses the header of a file that begins with these bytes. Memory use is bounded by a small multiple of them.
  ///
  /// - Parameters:
  ///   - length: the length of its JSON, which `bytes` contains completely.
  ///   - dataCount: the number of bytes after the header in the file.
  init(_ bytes: [UInt8], length: Int, dataCount: Int) throws(SafetensorsError) {
    try read(HeaderScanner(bytes, range: 8..<8 + length))
    try checkOffsets(dataCount: dataCount)
  }

  private mutating func read(_ start: HeaderScanner) throws(SafetensorsError) {
    var scanner = start
    var names: Set<String> = []
    var metadata: [String: String] = [:]
    var entries: [Entry] = []
    try scanner.object { (scanner, name) throws(SafetensorsError) in
      guard names.insert(name).inserted else { throw SafetensorsError(.duplicateName(name)) }
      if name == "__metadata__" {
        metadata = try Self.texts(&scanner)
      } else {
        entries.append(try Self.entry(name, &scanner))
      }
    }
    try scanner.finish()
    self.metadata = metadata
    self.entries = entries
  }

  private static func texts(_ scanner: inout HeaderScanner) throws(SafetensorsError) -> [String: String] {
    var texts = [String: String](minimumCapacity: scanner.likelyTextCount())
    try scanner.object { (scanner, key) throws(SafetensorsError) in
      guard texts.updateValue(try scanner.string(), forKey: key) == nil else {
        throw SafetensorsError(.duplicateName(key))
      }
    }
    return texts
  }

  private static func entry(_ name: String, _ scanner: inout HeaderScanner) throws(SafetensorsError) -> Entry {
    var type: String?
    var shape: [Int]?
    var offsets: [Int]?
    try scanner.object { (scanner, key) throws(SafetensorsError) in
      switch key {
      case "dtype" where type == nil: type = try scanner.string()
      case "shape" where shape == nil: shape = try scanner.integers(limit: dimensionLimit)
      case "data_offsets" where offsets == nil: offsets = try scanner.integers(limit: 2)
      case "dtype", "shape", "data_offsets": throw SafetensorsError(.duplicateName(key))
      default: throw scanner.expected("dtype, shape or data_offsets, not '\(foreign(key, limit: 64))'")
      }
    }
    guard let type, let shape, let offsets, offsets.count == 2 else {
      throw scanner.expected("dtype, shape and two data_offsets of '\(foreign(name, limit: 256))' before here")
    }
    let entry = Entry(name: name, type: type, shape: shape, begin: offsets[0], end: offsets[1])
    try checkSize(entry)
    return entry
  }

  /// Checks that a tensor has the number of bytes that its type and shape need, if the type is known.
  private static func checkSize(_ entry: Entry) throws(SafetensorsError) {
    var count = 1
    // An extent of 0 makes the tensor empty, but the product of the others must still not overflow.
    for extent in entry.shape where extent != 0 {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow, product <= Int.max / 8 else { throw SafetensorsError(.shapeTooLarge(tensor: entry.name)) }
      count = product
    }
    if entry.shape.contains(0) { count = 0 }
    let found = entry.end >= entry.begin ? entry.end - entry.begin : -1
    guard ElementType.isKnown(entry.type) else {
      guard found >= 0 else {
        throw SafetensorsError(.wrongSize(tensor: entry.name, needed: 0, begin: entry.begin, end: entry.end))
      }
      return
    }
    guard let needed = ElementType.byteCount(entry.type, elements: count) else {
      throw SafetensorsError(.shapeTooLarge(tensor: entry.name))
    }
    guard found == needed else {
      throw SafetensorsError(.wrongSize(tensor: entry.name, needed: needed, begin: entry.begin, end: entry.end))
    }
  }

  /// Checks that the tensors fill the data without gaps or overlaps, and sorts them by offset.
  private mutating func checkOffsets(dataCount: Int) throws(SafetensorsError) {
    entries = entries.enumerated().sorted {
      ($0.element.begin, $0.element.end, $0.offset) < ($1.element.begin, $1.element.end, $1.offset)
    }.map(\.element)
    var end = 0
    for entry in entries {
      guard entry.begin == end else {
        throw SafetensorsError(.misplaced(tensor: entry.name, begin: entry.begin, expected: end))
      }
      end = entry.end
    }
    guard end <= dataCount else { throw SafetensorsError(.truncated(needed: end, found: dataCount)) }
    guard end == dataCount else { throw SafetensorsError(.trailingBytes(dataCount - end)) }
  }
}
