/// Sanitises untrusted text (names in files, metadata, paths, text from other jobs) for one line of a terminal.
///
/// Characters that could control the terminal or reorder the line are escaped, as `\u{1B}`: control characters, line and
/// paragraph separators, invisible format characters such as those that change the writing direction (Unicode's general
/// categories Cc, Cf, Zl, Zp), private use characters and unassigned code points. Visible characters are kept.
///
/// - Parameter limit: the maximum number of scalars; longer text is truncated and ends in `...`.
public func foreign(_ text: String, limit: Int = 4096) -> String {
  // Bytes, because appending escapes to a string requests a buffer for each of them.
  var result: [UInt8] = []
  result.reserveCapacity(min(text.utf8.count, limit))
  for (count, scalar) in text.unicodeScalars.enumerated() {
    guard count < limit else {
      result += "...".utf8
      break
    }
    if isVisible(scalar) {
      result += UTF8.encode(scalar)!
    } else {
      result += "\\u{".utf8
      result += String(scalar.value, radix: 16, uppercase: true).utf8
      result.append(UInt8(ascii: "}"))
    }
  }
  return String(decoding: result, as: UTF8.self)
}

private func isVisible(_ scalar: Unicode.Scalar) -> Bool {
  if scalar.isASCII { return (0x20..<0x7F).contains(scalar.value) }
  switch scalar.properties.generalCategory {
  case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .surrogate, .privateUse: return false
  default: return true
  }
}
