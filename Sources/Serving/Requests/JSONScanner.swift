/// Reads JSON (RFC 8259) piece by piece from a request's bytes: what is expected is read into its place at once, so that a body of
/// numbers takes no more memory than its numbers.
struct JSONScanner {
  /// How deep values may be nested that are skipped.
  private static let mostDepth = 64

  private let bytes: [UInt8]
  /// The next byte to be read.
  private(set) var offset = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { offset = 3 }
  }

  /// The next byte that is no white space; nil at the end.
  mutating func peek() -> UInt8? {
    while offset < bytes.count {
      switch bytes[offset] {
      case 0x20, 0x09, 0x0A, 0x0D: offset += 1
      default: return bytes[offset]
      }
    }
    return nil
  }

  /// Takes the next byte that is no white space if it is this one.
  mutating func take(_ byte: UInt8) -> Bool {
    guard peek() == byte else { return false }
    offset += 1
    return true
  }

  /// Takes this byte, or fails.
  mutating func expect(_ byte: UInt8) throws(RequestFault) {
    guard take(byte) else { throw fault("'\(Character(Unicode.Scalar(byte)))' is missing") }
  }

  /// That the text is no JSON here.
  func fault(_ what: String) -> RequestFault {
    let place = offset < bytes.count ? "at byte \(offset)" : "at its end"
    return RequestFault(.badRequest, "the body is not JSON: \(what) \(place)")
  }

  /// Ends the text.
  mutating func end() throws(RequestFault) {
    if peek() != nil { throw fault("there is more after the value,") }
  }

  /// Reads the members of an object: `member` gets each name, and must read its value.
  mutating func object(_ member: (inout Self, String) throws(RequestFault) -> Void) throws(RequestFault) {
    try expect(UInt8(ascii: "{"))
    guard !take(UInt8(ascii: "}")) else { return }
    repeat {
      let name = String(decoding: try string(), as: UTF8.self)
      try expect(UInt8(ascii: ":"))
      try member(&self, name)
    } while take(UInt8(ascii: ","))
    try expect(UInt8(ascii: "}"))
  }

  /// Reads the elements of an array: `element` must read each, and is told which it is.
  mutating func array(_ element: (inout Self, Int) throws(RequestFault) -> Void) throws(RequestFault) {
    try expect(UInt8(ascii: "["))
    guard !take(UInt8(ascii: "]")) else { return }
    var index = 0
    repeat {
      try element(&self, index)
      index += 1
    } while take(UInt8(ascii: ","))
    try expect(UInt8(ascii: "]"))
  }

  /// How many arrays begin here, one in the other: 3 for `[[[`; at most 4 are counted.
  func arrayDepth() -> Int {
    var ahead = self
    var depth = 0
    while depth < 4, ahead.take(UInt8(ascii: "[")) { depth += 1 }
    return depth
  }

  /// Reads a string: its bytes in UTF-8, escapes replaced.
  mutating func string() throws(RequestFault) -> [UInt8] {
    try expect(UInt8(ascii: "\""))
    var text: [UInt8] = []
    while true {
      // Most strings have no escapes: their bytes are taken together.
      let start = offset
      while offset < bytes.count, bytes[offset] != UInt8(ascii: "\""), bytes[offset] != UInt8(ascii: "\\"),
        bytes[offset] >= 0x20
      {
        offset += 1
      }
      text += bytes[start..<offset]
      guard offset < bytes.count, bytes[offset] >= 0x20 else { throw fault("a string does not end") }
      offset += 1
      if bytes[offset - 1] == UInt8(ascii: "\"") { return text }
      try escape(into: &text)
    }
  }

  private mutating func escape(into text: inout [UInt8]) throws(RequestFault) {
    guard offset < bytes.count else { throw fault("a string does not end") }
    offset += 1
    switch bytes[offset - 1] {
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(bytes[offset - 1])
    case UInt8(ascii: "u"):
      var units = [try unit()]
      if UTF16.isLeadSurrogate(units[0]), bytes[offset...].starts(with: "\\u".utf8) {
        offset += 2
        units.append(try unit())
      }
      // What is no pair of surrogates becomes U+FFFD.
      text += String(decoding: units, as: UTF16.self).utf8
    default: throw fault("a string has an unknown escape")
    }
  }

  private mutating func unit() throws(RequestFault) -> UInt16 {
    let digits = bytes[offset...].prefix(4)
    guard digits.count == 4, digits.allSatisfy({ isHexDigit($0) }),
      let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw fault("an escape needs four hexadecimal digits") }
    offset += 4
    return unit
  }

  /// Reads a number if one is next; nil, and nothing is read, for any other value.
  mutating func number() throws(RequestFault) -> Double? {
    guard let first = peek(), isDigit(first) || first == UInt8(ascii: "-") else { return nil }
    // Pixels are whole numbers of up to three digits.
    var (end, value) = (offset, 0)
    while end < bytes.count, end - offset < 4, isDigit(bytes[end]) {
      value = 10 * value + Int(bytes[end] - UInt8(ascii: "0"))
      end += 1
    }
    if end > offset, end - offset < 4, first != UInt8(ascii: "0") || end == offset + 1,
      end == bytes.count || !isPartOfNumber(bytes[end])
    {
      offset = end
      return Double(value)
    }
    return try longNumber()
  }

  private mutating func longNumber() throws(RequestFault) -> Double {
    let text = bytes[offset...].prefix { isPartOfNumber($0) }
    var rest = text
    if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
    let whole = rest.prefix { isDigit($0) }
    rest = rest.dropFirst(whole.count)
    var isNumber = !whole.isEmpty && (whole.count == 1 || whole.first != UInt8(ascii: "0"))
    if rest.first == UInt8(ascii: ".") {
      let fraction = rest.dropFirst().prefix { isDigit($0) }
      isNumber = isNumber && !fraction.isEmpty
      rest = rest.dropFirst(1 + fraction.count)
    }
    if rest.first.map({ $0 | 0x20 }) == UInt8(ascii: "e") {
      rest = rest.dropFirst()
      if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
      isNumber = isNumber && !rest.isEmpty && rest.allSatisfy { isDigit($0) }
      rest = []
    }
    guard isNumber, rest.isEmpty, text.count <= 400, let value = Double(String(decoding: text, as: UTF8.self)) else {
      throw fault("a number is malformed")
    }
    offset += text.count
    return value
  }

  /// Reads a value of any kind, and forgets it.
  mutating func skip(depth: Int = 0) throws(RequestFault) {
    guard depth < Self.mostDepth else { throw fault("values are nested too deeply") }
    switch peek() {
    case UInt8(ascii: "{"):
      try object { (json, _) throws(RequestFault) in try json.skip(depth: depth + 1) }
    case UInt8(ascii: "["):
      try array { (json, _) throws(RequestFault) in try json.skip(depth: depth + 1) }
    case UInt8(ascii: "\""): _ = try string()
    default:
      for word in ["true", "false", "null"] where bytes[offset...].starts(with: word.utf8) {
        offset += word.utf8.count
        return
      }
      if try number() == nil { throw fault("a value is missing") }
    }
  }
}

private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

private func isHexDigit(_ byte: UInt8) -> Bool {
  isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
}

private func isPartOfNumber(_ byte: UInt8) -> Bool {
  isDigit(byte) || [UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+")].contains(byte)
    || byte | 0x20 == UInt8(ascii: "e")
}
