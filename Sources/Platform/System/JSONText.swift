extension [UInt8] {
  /// Appends a text as JSON writes it, in quotes.
  package mutating func appendJSON(_ text: String) {
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

/// JSON with every character outside of ASCII that is not visible escaped, so that the text cannot steer a terminal.
package func visible(_ json: [UInt8]) -> [UInt8] {
  guard json.contains(where: { $0 >= 0x7F }) else { return json }
  var text: [UInt8] = []
  text.reserveCapacity(json.count)
  for scalar in String(decoding: json, as: UTF8.self).unicodeScalars {
    if scalar.value < 0x7F || foreign(String(scalar)).unicodeScalars.count == 1 {
      text += String(scalar).utf8
    } else {
      for unit in String(scalar).utf16 {
        let digits = String(unit, radix: 16)
        text += "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8
      }
    }
  }
  return text
}
