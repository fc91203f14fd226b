/// A CSV file of the data set, its header checked, to be read in parts by any number of workers at once.
///
/// The bytes after the header are cut into equal parts, and a row belongs to the part in which its first byte lies: the
/// parts of 0 ..< n, one after the other, are the file's rows for every n. Each worker reads its own part, in blocks and by
/// position, and nothing but the rows is kept in memory. `CSVFormat` says what is taken for a row.
public struct CSVFile: Hashable, Sendable {
  /// The path, as it was given.
  public let path: String
  /// The file's size in bytes.
  public let size: Int
  /// The columns.
  let layout: CSVLayout
  /// The place of the first row's first byte, and the end of the last row.
  let rowsBegin: Int, rowsEnd: Int

  /// The bytes that are read at once; small enough to stay in a core's second-level cache while they are parsed.
  static let blockBytes = 1 << 18

  /// Opens a file and checks its header. That the rows are in order, only reading them tells.
  ///
  /// - Parameter needsLabels: whether a file without labels is an error; else its rows come with labels of 0.
  public init(path: String, needsLabels: Bool = true) throws(CSVError) {
    let source = try CSVSource(path: path)
    self.path = path
    size = source.size
    (layout, rowsBegin) = try CSVHeader.read(from: source)
    rowsEnd = try source.rowsEnd()
    guard rowsBegin < rowsEnd else { throw CSVError(file: path, reason: .noRows) }
    guard layout.labelColumn != nil || !needsLabels else { throw CSVError(file: path, reason: .noLabels) }
  }

  /// Whether the rows have labels.
  public var hasLabels: Bool { layout.labelColumn != nil }

  /// All rows.
  public func rows() throws(CSVError) -> ImageTable {
    try part(0, of: 1)
  }

  /// The rows of part `index` of `count`; none if there are more parts than rows and no row begins in this one.
  ///
  /// Every part reports its own first error; `CSVError.first(of:)` of all parts' errors is the file's.
  public func part(_ index: Int, of count: Int) throws(CSVError) -> ImageTable {
    try part(index, of: count, blockBytes: Self.blockBytes)
  }

  /// The same, read `blockBytes` at a time.
  package func part(_ index: Int, of count: Int, blockBytes: Int) throws(CSVError) -> ImageTable {
    precondition(count > 0 && (0..<count).contains(index), "part \(index) of \(count)")
    let source = try CSVSource(path: path)
    guard source.size >= size else { throw CSVError(file: path, reason: .changedWhileRead) }
    let end = boundary(index + 1, of: count)
    let begin = try firstRow(from: boundary(index, of: count), before: end, in: source)
    guard begin < end else { return ImageTable() }
    var reader = CSVPartReader(begin: begin, end: end, fileEnd: rowsEnd, layout: layout, blockBytes: blockBytes)
    return try reader.rows(from: source)
  }

  /// Where part `index` begins, which need not be where a row does.
  private func boundary(_ index: Int, of count: Int) -> Int {
    let product = (rowsEnd - rowsBegin).multipliedFullWidth(by: index)
    return rowsBegin + count.dividingFullWidth(product).quotient
  }

  /// The first row that begins at `place` or after it; `end` or more if none does before `end`.
  ///
  /// A line is followed no further than a row can reach. One that is longer begins in an earlier part, whose error comes first.
  private func firstRow(from place: Int, before end: Int, in source: borrowing CSVSource) throws(CSVError) -> Int {
    guard place > rowsBegin, place < end else { return place }
    let limit = min(end, place - 1 + CSVFormat.longestRow)
    if let row = try source.afterNewline(in: place - 1..<limit) { return row }
    guard limit == end else { throw CSVError(file: path, offset: limit, reason: .endlessLine) }
    return end
  }
}
