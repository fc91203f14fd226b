/// Text that comes from outside (names in files, metadata, paths, what another job wrote), made fit for one line of a terminal.
///
/// What would steer the terminal or reorder the line is shown by its number, as `\u{1B}`: control characters, line and
/// paragraph separators, and invisible format characters such as those that turn the direction of writing (Unicode's
/// general categories Cc, Cf, Zl, Zp, and what no character is assigned to). Whatever is visible stays as it is.
///
/// - Parameter limit: the most scalars that are shown; what is longer ends in `...`.
public func foreign(_ text: String, limit: Int = 4096) -> String {
  var result = String.UnicodeScalarView()
  for (count, scalar) in text.unicodeScalars.enumerated() {
    guard count < limit else {
      result.append(contentsOf: "...".unicodeScalars)
      break
    }
    if isVisible(scalar) {
      result.append(scalar)
    } else {
      result.append(contentsOf: "\\u{\(String(scalar.value, radix: 16, uppercase: true))}".unicodeScalars)
    }
  }
  return String(result)
}

private func isVisible(_ scalar: Unicode.Scalar) -> Bool {
  if scalar.isASCII { return (0x20..<0x7F).contains(scalar.value) }
  switch scalar.properties.generalCategory {
  case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .surrogate, .privateUse: return false
  default: return true
  }
}
