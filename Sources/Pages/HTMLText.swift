import Platform

/// Text for HTML and SVG, in an element or in a quoted attribute.
///
/// Scalar by scalar: what Unicode draws as one character may hide a `<` that is joined to another sign. Control characters are made visible,
/// as for a terminal.
package func escaped(_ text: String, limit: Int = 4096) -> String {
  var escaped = ""
  for scalar in foreign(text, limit: limit).unicodeScalars {
    switch scalar {
    case "&": escaped += "&amp;"
    case "<": escaped += "&lt;"
    case ">": escaped += "&gt;"
    case "\"": escaped += "&quot;"
    case "'": escaped += "&#39;"
    default: escaped.unicodeScalars.append(scalar)
    }
  }
  return escaped
}
