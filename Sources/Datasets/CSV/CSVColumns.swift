/// The columns of a file: a label, or none, and the pixels of an image, with row numbers in front or without.
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

  /// What the images are made of.
  let format: ImageFormat
  /// The number of classes: labels are below it.
  let classCount: Int
  /// The number of leading columns with row numbers.
  var indexColumns = 0
  /// The label's column, counted from 1; nil if rows have no labels.
  var labelColumn: Int? = 1
  /// The naming scheme of the pixels.
  var names = PixelNames.kaggle

  /// Kaggle's columns, for what is requested.
  init(_ request: RowRequest) {
    format = request.format
    classCount = request.classCount
  }

  /// The largest number of columns with row numbers.
  static let mostIndexColumns = 4

  /// The number of columns.
  var count: Int { indexColumns + (labelColumn == nil ? 0 : 1) + format.count }

  /// The length in bytes of the shortest possible row: one digit per column and commas between them, without the line
  /// end.
  var shortestRow: Int { 2 * count - 1 }

  /// The number of bytes that the row kernel may read from the start of a row. It exceeds any row of integers (three digits
  /// and a comma a pixel, a label, row numbers and a line end), and all that the kernel reads before it rejects a row (a word
  /// for each two pixels, each advancing by at most nine bytes).
  var window: Int { 5 * format.count + 176 }

  /// A length in bytes above that of any legal row: numbers have at most 21 characters and a comma.
  var longestRow: Int { max(1 << 15, 22 * format.count + 256) }

  /// The largest number of digits of a label.
  var labelDigits: Int { classCount > 1000 ? 4 : 3 }

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
    case .pixel(let pixel): names.name(pixel, format)
    }
  }

  /// The names that a column of labels may have anywhere in the header, the most telling first.
  static let labelNames = ["label", "class", "target"]

  /// Whether a name is one that tools give to a column of row numbers: an empty one, pandas' names, or `id`.
  static func isIndex(_ name: [UInt8], column: Int) -> Bool {
    if name.isEmpty { return column == 1 }
    let text = String(decoding: name.prefix(16), as: UTF8.self)
    return text == "index" || text == "id" || text == "row_id" || text == "unnamed: 0" || text.hasPrefix("unnamed: 0.")
  }
}

/// A naming scheme of an image's pixels in row-major order.
enum PixelNames: Hashable, Sendable {
  /// A prefix and the pixel's number, starting at `first`.
  case numbered(prefix: String, first: Int)
  /// Row and column, as in `1x1`, `1x2`, ..., `28x28`, starting at `first`.
  case grid(first: Int)
  /// Any names, as the header has them.
  case listed([String])

  /// Kaggle's: `pixel1`, ..., `pixel784`.
  static let kaggle = PixelNames.numbered(prefix: "pixel", first: 1)

  /// All known schemes. The first pixel's name distinguishes them.
  static let known: [PixelNames] =
    ["pixel", "pixel_", ""].flatMap { prefix in
      [1, 0].map { PixelNames.numbered(prefix: prefix, first: $0) }
    } + [.grid(first: 1), .grid(first: 0)]

  /// The name of a pixel, counted from 0, of an image of this format.
  func name(_ pixel: Int, _ format: ImageFormat) -> String {
    switch self {
    case .numbered(let prefix, let first): "\(prefix)\(pixel + first)"
    case .grid(let first): "\(pixel / format.width + first)x\(pixel % format.width + first)"
    case .listed(let names): names[pixel]
    }
  }
}
