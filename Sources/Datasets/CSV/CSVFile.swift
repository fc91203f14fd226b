/// A CSV file of images, with a checked header, to be read in parts by any number of workers in parallel.
///
/// The file may be compressed, or a member of a zip archive; then each worker expands it for itself, once to check all of it
/// and to know its size, and once up to the end of its part.
///
/// The bytes after the header are split into equal parts. A row belongs to the part that contains its first byte, so for
/// every n the parts 0 ..< n, concatenated, are the file's rows. Each worker reads its own part in blocks, with `pread`,
/// and keeps only the rows in memory. `CSVFormat` describes the format.
public struct CSVFile: Hashable, Sendable {
  /// The path, as given; of an archive's member, the archive's path and the member's name.
  public let path: String
  private let packed: PackedFile
  /// The file's size in bytes.
  public let size: Int
  /// The columns.
  let columns: CSVColumns
  /// The offset of the first row, and the end offset of the last row.
  let rowsBegin: Int, rowsEnd: Int

  /// The number of bytes read at once: small enough to stay in a core's second-level cache while they are parsed.
  static let blockBytes = 1 << 18

  /// Opens a file and checks its header. The rows are checked when they are read.
  ///
  /// - Parameter request: the images and classes that the file should have.
  public init(path: String, _ request: RowRequest = .signLanguageMNIST) throws(CSVError) {
    try self.init(PackedFile(path: path, packing: .plain), request)
  }

  /// Opens a file, or the one that it holds compressed, in the same way.
  init(_ packed: PackedFile, _ request: RowRequest) throws(CSVError) {
    let source = try CSVSource(packed)
    self.packed = packed
    path = packed.name
    size = source.size
    (columns, rowsBegin) = try CSVHeader.read(from: source, request)
    rowsEnd = try source.rowsEnd()
    guard rowsBegin < rowsEnd else { throw CSVError(file: path, reason: .noRows) }
    guard columns.labelColumn != nil || !request.needsLabels else { throw CSVError(file: path, reason: .noLabels) }
  }

  /// Whether the rows have labels.
  public var hasLabels: Bool { columns.labelColumn != nil }

  /// Reads all rows.
  public func rows() throws(CSVError) -> ImageTable {
    try part(0, of: 1)
  }

  /// Reads the rows of part `index` of `count`; there may be none if there are more parts than rows.
  ///
  /// Each part throws its own first error; `CSVError.first(of:)` selects the file's from those of all parts.
  public func part(_ index: Int, of count: Int) throws(CSVError) -> ImageTable {
    try part(index, of: count, blockBytes: Self.blockBytes)
  }

  /// The same, read `blockBytes` at a time.
  package func part(_ index: Int, of count: Int, blockBytes: Int) throws(CSVError) -> ImageTable {
    precondition(count > 0 && (0..<count).contains(index), "part \(index) of \(count)")
    let source = try CSVSource(packed, size: size)
    guard source.size >= size else { throw CSVError(file: path, reason: .changedWhileRead) }
    let end = boundary(index + 1, of: count)
    let begin = try firstRow(from: boundary(index, of: count), before: end, in: source)
    guard begin < end else {
      return ImageTable(format: columns.format, labels: [], pixels: [], hasLabels: hasLabels)
    }
    var reader = CSVPartReader(begin: begin, end: end, fileEnd: rowsEnd, columns: columns, blockBytes: blockBytes)
    return try reader.rows(from: source)
  }

  /// The offset at which part `index` begins, not necessarily the start of a row.
  private func boundary(_ index: Int, of count: Int) -> Int {
    let product = (rowsEnd - rowsBegin).multipliedFullWidth(by: index)
    return rowsBegin + count.dividingFullWidth(product).quotient
  }

  /// The offset of the first row that begins at or after `offset`; `end` or more if none begins before `end`.
  ///
  /// Searches no further than the longest possible row. A longer line begins in an earlier part, whose error comes first.
  private func firstRow(from offset: Int, before end: Int, in source: borrowing CSVSource) throws(CSVError) -> Int {
    guard offset > rowsBegin, offset < end else { return offset }
    let limit = min(end, offset - 1 + columns.longestRow)
    if let row = try source.afterNewline(in: offset - 1..<limit) { return row }
    guard limit == end else { throw CSVError(file: path, offset: limit, reason: .endlessLine) }
    return end
  }
}
