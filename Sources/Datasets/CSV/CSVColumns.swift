/// The columns of a file: Kaggle's format, or one of its unambiguous variants.
struct CSVColumns: Hashable, Sendable {
  /// The contents of a column.
  enum Role: Hashable {
    /// A row number, which is ignored.
    case index
    /// The label.
    case label
    /// A pixel, counted from 0.
    case pixel(Int)
  }

  /// The number of leading columns with row numbers.
  var indexColumns = 0
  /// The label's column, counted from 1; nil if rows have no labels.
  var labelColumn: Int? = 1
  /// The naming scheme of the pixels.
  var names = PixelNames.kaggle

  /// The largest number of columns with row numbers.
  static let mostIndexColumns = 4

  /// The number of columns.
  var count: Int { indexColumns + (labelColumn == nil ? 0 : 1) + ImageTable.pixelsPerImage }

  /// The length in bytes of the shortest possible row: one digit per column and commas between them, without the line
  /// end.
  var shortestRow: Int { 2 * count - 1 }

  /// Whether the label, if any, comes before the pixels: the order that the row kernel can read.
  var beginsWithLabel: Bool { labelColumn == nil || labelColumn == indexColumns + 1 }

  /// The contents of a column, counted from 1.
  func role(_ column: Int) -> Role {
    if column <= indexColumns { return .index }
    if column == labelColumn { return .label }
    let before = indexColumns + (labelColumn.map { $0 < column ? 1 : 0 } ?? 0)
    return .pixel(column - 1 - before)
  }

  /// The name of a column, counted from 1, for messages.
  func name(_ column: Int) -> String {
    switch role(column) {
    case .index: "row number"
    case .label: "label"
    case .pixel(let pixel): names.name(pixel)
    }
  }

  /// Whether a name is one that tools give to a column of row numbers: an empty one, or pandas' names.
  static func isIndex(_ name: [UInt8], column: Int) -> Bool {
    if name.isEmpty { return column == 1 }
    let text = String(decoding: name.prefix(16), as: UTF8.self)
    return text == "index" || text == "unnamed: 0" || text.hasPrefix("unnamed: 0.")
  }
}

/// A naming scheme of the 784 pixels in row-major order.
enum PixelNames: Hashable, Sendable {
  /// A prefix and the pixel's number, starting at `first`.
  case numbered(prefix: String, first: Int)
  /// Row and column, as in `1x1`, `1x2`, ..., `28x28`, starting at `first`.
  case grid(first: Int)

  /// Kaggle's: `pixel1`, ..., `pixel784`.
  static let kaggle = PixelNames.numbered(prefix: "pixel", first: 1)

  /// All known schemes. The first pixel's name distinguishes them.
  static let known: [PixelNames] =
    ["pixel", "pixel_", ""].flatMap { prefix in
      [1, 0].map { PixelNames.numbered(prefix: prefix, first: $0) }
    } + [.grid(first: 1), .grid(first: 0)]

  /// The name of a pixel, counted from 0.
  func name(_ pixel: Int) -> String {
    switch self {
    case .numbered(let prefix, let first): "\(prefix)\(pixel + first)"
    case .grid(let first): "\(pixel / ImageTable.side + first)x\(pixel % ImageTable.side + first)"
    }
  }
}
