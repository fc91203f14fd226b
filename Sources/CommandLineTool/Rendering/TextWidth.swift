extension Character {
  /// The columns that a terminal gives it: 2 for East Asian characters of full width and for emoji, 0 for marks that combine.
  ///
  /// Source: Unicode Standard Annex 11, classes W and F, in blocks.
  var columns: Int {
    guard let first = unicodeScalars.first else { return 0 }
    if unicodeScalars.contains("\u{FE0F}") { return 2 }
    switch first.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: return first.isWide ? 2 : 1
    }
  }
}

extension Unicode.Scalar {
  /// Ranges of characters that are as wide as two others.
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97C, 0xAC00...0xD7A3,
    0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18DFF,
    0x1AFF0...0x1B2FF, 0x1F200...0x1F265, 0x20000...0x3FFFD,
  ]

  fileprivate var isWide: Bool {
    guard value >= 0x1100 else { return false }
    return properties.isEmojiPresentation || Self.wide.contains { $0.contains(value) }
  }
}

extension String {
  /// The columns that a terminal gives the text.
  var columns: Int { utf8.allSatisfy { $0 < 0x80 } ? utf8.count : reduce(0) { $0 + $1.columns } }

  /// The text with spaces before it, `width` columns in all.
  func right(_ width: Int) -> String { String(repeating: " ", count: Swift.max(0, width - columns)) + self }

  /// The text with spaces after it, `width` columns in all.
  func left(_ width: Int) -> String { self + String(repeating: " ", count: Swift.max(0, width - columns)) }

  /// The text in lines of at most `columns` columns, broken between words; a longer word stays whole.
  func folded(_ columns: Int) -> String {
    split(separator: "\n", omittingEmptySubsequences: false).map { line in
      var lines = [""]
      for word in line.split(separator: " ", omittingEmptySubsequences: false) {
        let last = lines[lines.count - 1]
        if last.isEmpty {
          lines[lines.count - 1] = String(word)
        } else if last.columns + 1 + String(word).columns <= columns {
          lines[lines.count - 1] += " " + word
        } else {
          lines.append(String(word))
        }
      }
      return lines.joined(separator: "\n")
    }.joined(separator: "\n")
  }

  /// The text for a terminal that has nothing but ASCII: lines and bars as they can be drawn there, a question mark for each column
  /// of another character.
  var inASCII: String {
    if utf8.allSatisfy({ $0 < 0x80 }) { return self }
    return String(
      flatMap { character -> String in
        if character.isASCII { return String(character) }
        return Self.drawings[character] ?? String(repeating: "?", count: character.columns)
      })
  }

  private static let drawings: [Character: String] = [
    "━": "=", "─": "-", "│": "|", "┃": "|", "┏": "+", "┳": "+", "┓": "+", "┡": "+", "╇": "+", "┩": "+", "├": "+",
    "┼": "+", "┤": "+", "└": "+", "┴": "+", "┘": "+", "×": "x", "–": "-", "—": "-", "…": "...", "’": "'", "·": "-",
  ]
}
