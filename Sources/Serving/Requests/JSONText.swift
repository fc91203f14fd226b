extension [UInt8] {
  /// Appends a text as JSON writes it, in quotes.
  mutating func appendJSON(_ text: String) {
    append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): self += [UInt8(ascii: "\\"), byte]
      case 0x0A: self += "\\n".utf8
      case ..<0x20, 0x7F:
        let digits = String(byte, radix: 16)
        self += "\\u00\(digits.count == 1 ? "0" : "")\(digits)".utf8
      default: append(byte)
      }
    }
    append(UInt8(ascii: "\""))
  }
}
