extension TensorFile {
  /// Decodes a file's bytes. Every length, offset and name is checked before use; memory use is bounded by a small
  /// multiple of the number of bytes, whatever they are.
  public init(bytes: [UInt8]) throws(SafetensorsError) {
    let length = try SafetensorsHeader.length(bytes, fileSize: bytes.count)
    let dataStart = 8 + length
    let header = try SafetensorsHeader(bytes, length: length, dataCount: bytes.count - dataStart)
    // Reserved, since an array that grows takes several times its final size.
    var tensors: [Tensor] = []
    tensors.reserveCapacity(header.entries.count)
    for entry in header.entries {
      guard let type = TensorType(rawValue: entry.type) else {
        throw SafetensorsError(.unsupportedType(tensor: entry.name, type: entry.type))
      }
      let range = dataStart + entry.begin..<dataStart + entry.end
      tensors.append(Tensor(name: entry.name, shape: entry.shape, values: TensorValues(type, bytes[range])))
    }
    self.init(tensors: tensors, metadata: header.metadata)
  }
}

extension TensorValues {
  /// Decodes little-endian bytes; their number is a multiple of the type's size.
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
