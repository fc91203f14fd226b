/// An object's attributes: only those with a text are of interest.
extension HDF5Object {
  /// The text of an attribute; nil if there is none of that name, or it is no text.
  ///
  /// - Parameter limit: the longest text in bytes.
  func text(_ name: String, limit: Int = 1 << 22) throws(HDF5Error) -> String? {
    for message in messages where message.kind == Kind.attribute {
      var part = HDF5Part(message.bytes)
      guard let attribute = try Self.attribute(&part, named: name) else { continue }
      guard case let shape = try hdf5Shape(HDF5Part(attribute.space)), shape?.reduce(1, *) == 1 else { return nil }
      switch try HDF5Type(HDF5Part(attribute.type)) {
      case .text(let length):
        guard length <= limit else { throw .damaged("the text '\(name)' has \(length) bytes") }
        return try part.take(length).terminatedText
      case .heapText:
        let (length, address, index) = (try part.number(4), try part.number(8), try part.number(4))
        guard length <= limit else { throw .damaged("the text '\(name)' has \(length) bytes") }
        return length == 0 ? "" : try heapText(at: address, index, length: length)
      default: return nil
      }
    }
    if var info = message(Kind.attributeInfo) {
      try info.skip(1)
      let flags = try info.number(1)
      try info.skip(flags & 1 == 0 ? 0 : 2)
      guard try info.number(8) == -1 else { throw .unsupported("has attributes in the dense form of libver='latest'") }
    }
    return nil
  }

  /// The type and the shape of an attribute, if it has that name; what follows is its value.
  private static func attribute(
    _ part: inout HDF5Part, named name: String
  ) throws(HDF5Error) -> (type: [UInt8], space: [UInt8])? {
    let version = try part.number(1)
    guard (1...3).contains(version) else { return nil }
    try part.skip(1)
    let sizes = (try part.number(2), try part.number(2), try part.number(2))
    if version == 3 { try part.skip(1) }
    func padded(_ size: Int) -> Int { version == 1 ? (size + 7) / 8 * 8 : size }
    guard try part.take(padded(sizes.0)).terminatedText == name else { return nil }
    return (try part.take(padded(sizes.1)), try part.take(padded(sizes.2)))
  }

  /// A text of the global heap.
  private func heapText(at address: Int, _ index: Int, length: Int) throws(HDF5Error) -> String {
    var heap = try source.part(at: address, count: 16)
    try heap.signature("GCOL")
    try heap.skip(4)
    let size = try heap.number(8)
    guard size >= 16, size <= source.size else { throw HDF5Error(.truncated) }
    var position = 16
    while position <= size - 16 {
      var entry = try source.part(at: address + position, count: 16)
      let number = try entry.number(2)
      try entry.skip(6)
      let bytes = try entry.number(8)
      guard number != 0, bytes >= 0, bytes <= size - position - 16 else { break }
      if number == index {
        guard length <= bytes else { throw .damaged("a text is longer than its place") }
        return String(decoding: try source.bytes(at: address + position + 16, count: length), as: UTF8.self)
      }
      position += 16 + (bytes + 7) / 8 * 8
    }
    throw .damaged("a text is not in its heap")
  }
}

extension WeightType {
  /// The name in Keras.
  var kerasName: String {
    switch self {
    case .float64: "float64"
    case .float32: "float32"
    case .float16: "float16"
    case .bfloat16: "bfloat16"
    }
  }
}
