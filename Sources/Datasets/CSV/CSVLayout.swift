/// What stands in which column of a file: Kaggle's form, or one of the variants that cannot be taken for anything else.
struct CSVLayout: Hashable, Sendable {
  /// What a column holds.
  enum Role: Hashable {
    /// The number of the row, which is skipped.
    case index
    case label
    /// A pixel, the first being 0.
    case pixel(Int)
  }

  /// The columns of row numbers in front.
  var indexColumns = 0
  /// The label's column, counted from 1; nil where rows have no labels.
  var labelColumn: Int? = 1
  /// How the header names the pixels.
  var names = PixelNames.kaggle

  /// More columns of row numbers than that, nobody writes.
  static let mostIndexColumns = 4

  /// The columns of the file.
  var columns: Int { indexColumns + (labelColumn == nil ? 0 : 1) + ImageTable.pixelsPerImage }

  /// Shorter than any other row: a digit a column, with commas between. With its end it is one byte longer.
  var shortestRow: Int { 2 * columns - 1 }

  /// Whether the label, if there is one, stands before the pixels: the order that the row kernel reads.
  var beginsWithLabel: Bool { labelColumn == nil || labelColumn == indexColumns + 1 }

  /// What stands in a column, counted from 1.
  func role(_ column: Int) -> Role {
    if column <= indexColumns { return .index }
    if column == labelColumn { return .label }
    let before = indexColumns + (labelColumn.map { $0 < column ? 1 : 0 } ?? 0)
    return .pixel(column - 1 - before)
  }

  /// The name of a column, counted from 1, as messages have it.
  func name(_ column: Int) -> String {
    switch role(column) {
    case .index: "row number"
    case .label: "label"
    case .pixel(let pixel): names.name(pixel)
    }
  }

  /// Whether a name in the header is one that tools give to a column of row numbers: none at all, or pandas' own.
  static func isIndex(_ name: [UInt8], column: Int) -> Bool {
    if name.isEmpty { return column == 1 }
    let text = String(decoding: name.prefix(16), as: UTF8.self)
    return text == "index" || text == "unnamed: 0" || text.hasPrefix("unnamed: 0.")
  }
}

/// How a header names the 784 pixels, in the order of their places.
enum PixelNames: Hashable, Sendable {
  /// A word and the pixel's number.
  case numbered(prefix: String, first: Int)
  /// Row and column, as in `1x1`, `1x2`, ..., `28x28`.
  case grid(first: Int)

  /// Kaggle's: `pixel1`, ..., `pixel784`.
  static let kaggle = PixelNames.numbered(prefix: "pixel", first: 1)

  /// All that are known. The first pixel's name tells them apart.
  static let known: [PixelNames] =
    ["pixel", "pixel_", ""].flatMap { prefix in
      [1, 0].map { PixelNames.numbered(prefix: prefix, first: $0) }
    } + [.grid(first: 1), .grid(first: 0)]

  /// The name of a pixel, the first being 0.
  func name(_ pixel: Int) -> String {
    switch self {
    case .numbered(let prefix, let first): "\(prefix)\(pixel + first)"
    case .grid(let first): "\(pixel / ImageTable.side + first)x\(pixel % ImageTable.side + first)"
    }
  }
}
