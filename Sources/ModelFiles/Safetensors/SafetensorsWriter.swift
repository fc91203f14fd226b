extension TensorFile {
  /// The file's bytes: equal for equal contents.
  ///
  /// Metadata are sorted by key, and the header is padded with spaces so that the data begin at a multiple of 8. Tensors
  /// keep their order, except that those with larger elements come first, which keeps every element aligned.
  public func encoded() -> [UInt8] {
    precondition(Set(tensors.map(\.name)).count == tensors.count, "two tensors have the same name")
    let ordered = [8, 4, 1].flatMap { size in tensors.filter { $0.values.type.size == size } }
    var entries: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(quoted($0.value))" }
      entries.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }
    var end = 0
    for tensor in ordered {
      let begin = end
      end += tensor.values.count * tensor.values.type.size
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      entries.append(
        "\(quoted(tensor.name)):{\"dtype\":\"\(tensor.values.typeName)\",\"shape\":[\(shape)],\"data_offsets\":[\(begin),\(end)]}"
      )
    }
    var header = Array("{\(entries.joined(separator: ","))}".utf8)
    header += [UInt8](repeating: UInt8(ascii: " "), count: (8 - header.count % 8) % 8)

    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 + header.count + end)
    append(UInt64(header.count), to: &bytes)
    bytes += header
    for tensor in ordered { append(tensor.values, to: &bytes) }
    return bytes
  }

  private func append(_ values: TensorValues, to bytes: inout [UInt8]) {
    switch values {
    case .float32(let values): for value in values { append(value.bitPattern, to: &bytes) }
    case .float64(let values): for value in values { append(value.bitPattern, to: &bytes) }
    case .int64(let values): for value in values { append(value, to: &bytes) }
    case .uint8(let values): bytes += values
    }
  }

  private func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// A string as a JSON literal.
  private func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\u{0}"..."\u{1F}":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
