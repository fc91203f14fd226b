extension TensorFile {
  /// No header may be longer, by the format's own rule.
  private static let headerLimit = 100_000_000
  /// As many dimensions as NumPy has.
  private static let dimensionLimit = 64

  /// Reads a file's bytes. Every length, offset and name is checked before it is used; what is allocated is bounded by a
  /// small multiple of the bytes, whatever they say.
  public init(bytes: [UInt8]) throws(SafetensorsError) {
    guard bytes.count >= 8 else { throw SafetensorsError(.tooShort(bytes.count)) }
    let length = bytes.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
    let limit = min(bytes.count - 8, Self.headerLimit)
    guard length <= UInt64(limit) else { throw SafetensorsError(.headerTooLong(length: length, limit: limit)) }
    let dataStart = 8 + Int(length)

    var header = Header()
    try header.read(HeaderScanner(bytes, range: 8..<dataStart))
    try header.checkPlaces(dataCount: bytes.count - dataStart)
    metadata = header.metadata
    tensors = header.entries.map { entry in
      let range = dataStart + entry.begin..<dataStart + entry.end
      return Tensor(name: entry.name, shape: entry.shape, values: TensorValues(entry.type, bytes[range]))
    }
  }

  /// A tensor as the header describes it; offsets count from the data's beginning.
  private struct Entry {
    var name: String
    var type: TensorType
    var shape: [Int]
    var begin: Int
    var end: Int
  }

  private struct Header {
    var metadata: [String: String] = [:]
    var entries: [Entry] = []

    mutating func read(_ start: HeaderScanner) throws(SafetensorsError) {
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
      var typeName: String?
      var shape: [Int]?
      var offsets: [Int]?
      try scanner.object { (scanner, key) throws(SafetensorsError) in
        switch key {
        case "dtype" where typeName == nil: typeName = try scanner.string()
        case "shape" where shape == nil: shape = try scanner.integers(limit: dimensionLimit)
        case "data_offsets" where offsets == nil: offsets = try scanner.integers(limit: 2)
        case "dtype", "shape", "data_offsets": throw SafetensorsError(.duplicateName(key))
        default: throw scanner.expected("dtype, shape or data_offsets, not '\(key)'")
        }
      }
      guard let typeName, let shape, let offsets, offsets.count == 2 else {
        throw scanner.expected("dtype, shape and two data_offsets of '\(name)' before here")
      }
      guard let type = TensorType(rawValue: typeName) else {
        throw SafetensorsError(.unsupportedType(tensor: name, type: typeName))
      }
      let needed = try byteCount(name, type, shape)
      guard offsets[1] >= offsets[0], offsets[1] - offsets[0] == needed else {
        throw SafetensorsError(.wrongSize(tensor: name, needed: needed, begin: offsets[0], end: offsets[1]))
      }
      return Entry(name: name, type: type, shape: shape, begin: offsets[0], end: offsets[1])
    }

    /// The bytes of a tensor of this shape. An extent of 0 makes it empty, but not before the others have been multiplied.
    private static func byteCount(_ name: String, _ type: TensorType, _ shape: [Int]) throws(SafetensorsError) -> Int {
      var count = type.size
      for extent in shape where extent != 0 {
        let (product, overflow) = count.multipliedReportingOverflow(by: extent)
        guard !overflow else { throw SafetensorsError(.shapeTooLarge(tensor: name)) }
        count = product
      }
      return shape.contains(0) ? 0 : count
    }

    /// The tensors must fill the data without gap or overlap; puts them in the order of their bytes.
    mutating func checkPlaces(dataCount: Int) throws(SafetensorsError) {
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
}

extension TensorValues {
  /// The values of little-endian bytes, whose number is a multiple of the type's size.
  fileprivate init(_ type: TensorType, _ bytes: ArraySlice<UInt8>) {
    func decoded<Raw: FixedWidthInteger, Value>(_ raw: Raw.Type, _ value: (Raw) -> Value) -> [Value] {
      bytes.withUnsafeBytes { buffer in
        (0..<buffer.count / MemoryLayout<Raw>.size).map {
          value(Raw(littleEndian: buffer.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Raw>.size, as: Raw.self)))
        }
      }
    }
    switch type {
    case .float32: self = .float32(decoded(UInt32.self, Float.init(bitPattern:)))
    case .float64: self = .float64(decoded(UInt64.self, Double.init(bitPattern:)))
    case .int64: self = .int64(decoded(Int64.self) { $0 })
    case .uint8: self = .uint8(Array(bytes))
    }
  }
}
