/// Parses the subset of JSON that safetensors headers use, byte by byte. Positions are offsets in the file.
struct HeaderScanner {
  private let bytes: [UInt8]
  private let end: Int
  private(set) var position: Int

  init(_ bytes: [UInt8], range: Range<Int>) {
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
  }

  func expected(_ what: String) -> SafetensorsError {
    SafetensorsError(.malformedHeader(byte: position, expected: what))
  }

  /// Consumes a character if it is next, after optional spaces; returns whether it was.
  mutating func take(_ character: Character) -> Bool {
    skipSpaces()
    guard position < end, bytes[position] == character.asciiValue else { return false }
    position += 1
    return true
  }

  mutating func require(_ character: Character) throws(SafetensorsError) {
    guard take(character) else { throw expected("'\(character)'") }
  }

  /// Checks that only spaces remain.
  mutating func finish() throws(SafetensorsError) {
    skipSpaces()
    guard position == end else { throw expected("the end of the header") }
  }

  /// Parses `{ "key": value, ... }`; `value` parses each value.
  mutating func object(
    _ value: (inout HeaderScanner, String) throws(SafetensorsError) -> Void
  ) throws(SafetensorsError) {
    try require("{")
    if take("}") { return }
    repeat {
      let key = try string()
      try require(":")
      try value(&self, key)
    } while take(",")
    try require("}")
  }

  /// Parses `[n, ...]`, with at most `limit` integers.
  mutating func integers(limit: Int) throws(SafetensorsError) -> [Int] {
    try require("[")
    var values: [Int] = []
    if take("]") { return values }
    // Reserves the exact number: an array that grows takes several times its final size.
    let commas = bytes[position..<end].prefix { $0 != UInt8(ascii: "]") }.count { $0 == UInt8(ascii: ",") }
    values.reserveCapacity(min(commas + 1, limit))
    repeat {
      guard values.count < limit else { throw expected("at most \(limit) numbers") }
      values.append(try integer())
    } while take(",")
    try require("]")
    return values
  }

  /// An estimate of the number of texts in the next object, to reserve memory, since a dictionary that grows takes twice
  /// its final size: the number of colons, but at most one per eight bytes, which most entries exceed.
  func likelyTextCount() -> Int {
    var colons = 0
    var index = position
    var inText = false
    while index < end, inText || bytes[index] != UInt8(ascii: "}") {
      switch bytes[index] {
      case UInt8(ascii: "\""): inText.toggle()
      case UInt8(ascii: "\\"): index += 1
      case UInt8(ascii: ":") where !inText: colons += 1
      default: break
      }
      index += 1
    }
    return min(colons, (index - position) / 8)
  }

  private mutating func integer() throws(SafetensorsError) -> Int {
    skipSpaces()
    let start = position
    var value = 0
    while position < end, (0x30...0x39).contains(bytes[position]) {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(Int(bytes[position] & 0xF))
      guard !overflow, !carry else { throw expected("a number below 2^63") }
      value = sum
      position += 1
    }
    let hasLeadingZero = position - start > 1 && bytes[start] == 0x30
    guard position > start, !hasLeadingZero else { throw expected("an integer") }
    return value
  }

  /// Parses a JSON string. Only strings with escapes are copied piece by piece.
  mutating func string() throws(SafetensorsError) -> String {
    skipSpaces()
    guard takeNext(UInt8(ascii: "\"")) else { throw expected("a string") }
    var text: [UInt8] = []
    var begin = position
    while position < end {
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        let last = bytes[begin..<position - 1]
        if !text.isEmpty { text += last }
        let string = text.isEmpty ? String(validating: last, as: UTF8.self) : String(validating: text, as: UTF8.self)
        guard let string else { throw expected("UTF-8 before here") }
        return string
      case UInt8(ascii: "\\"):
        text += bytes[begin..<position - 1]
        try takeEscape(into: &text)
        begin = position
      case 0..<0x20: throw expected("an escaped control character before here")
      default: break
      }
    }
    throw expected("the end of a string")
  }

  /// Consumes a byte if it is next; returns whether it was.
  private mutating func takeNext(_ byte: UInt8) -> Bool {
    guard position < end, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  /// Parses an escape, after the backslash.
  private mutating func takeEscape(into text: inout [UInt8]) throws(SafetensorsError) {
    guard position < end else { throw expected("an escape") }
    let code = bytes[position]
    position += 1
    switch code {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(code)
    case UInt8(ascii: "b"): text.append(8)
    case UInt8(ascii: "f"): text.append(12)
    case UInt8(ascii: "n"): text.append(10)
    case UInt8(ascii: "r"): text.append(13)
    case UInt8(ascii: "t"): text.append(9)
    case UInt8(ascii: "u"): text += UTF8.encode(try scalar())!
    default: throw expected("a JSON escape before here")
    }
  }

  /// Parses the rest of `\uXXXX`, or of a surrogate pair of these.
  private mutating func scalar() throws(SafetensorsError) -> Unicode.Scalar {
    let high = try hexUnit()
    if let scalar = Unicode.Scalar(high) { return scalar }
    guard high < 0xDC00, takeNext(UInt8(ascii: "\\")), takeNext(UInt8(ascii: "u")) else {
      throw expected("a surrogate pair")
    }
    let low = try hexUnit()
    guard (0xDC00..<0xE000).contains(low) else { throw expected("a surrogate pair before here") }
    return Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))!
  }

  private mutating func hexUnit() throws(SafetensorsError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard position < end, let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue else {
        throw expected("four hex digits")
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }

  private mutating func skipSpaces() {
    while position < end, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
  }
}
