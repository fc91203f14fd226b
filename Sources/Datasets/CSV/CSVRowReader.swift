/// The slow path of the CSV reader, and its definition: one row, a byte at a time, with the first fault exactly placed.
///
/// Takes the rows that the kernel leaves: damaged ones, those with fractions of zeros, those whose label comes last, and a last
/// row without its line end.
struct CSVRowReader {
  /// A fault in a row, placed by the row's own columns and bytes.
  struct Fault: Error {
    /// The column, counted from 1; nil when the fault is the whole row's.
    var column: Int?
    /// The first byte of the faulty field, counted from the row's first.
    var offset = 0
    var reason: CSVError.Reason
  }

  /// The fault of a row with too many columns; how many, only the whole line can tell.
  static let tooManyColumns = CSVError.Reason.columnCount(.max)

  /// The row's bytes and what follows them, `CSVFormat.longestRow` bytes or up to the end of the file: what is found does not
  /// depend on how the file was read.
  let bytes: UnsafeRawBufferPointer
  /// Whether the end of the bytes is the end of the file.
  let endsFile: Bool
  /// What stands in which column.
  let layout: CSVLayout

  /// Looks at the row that begins at the first of these bytes, of which there are the longest row's or the rest of the file.
  init(_ bytes: UnsafeRawBufferPointer, isRestOfFile: Bool, layout: CSVLayout) {
    self.bytes = UnsafeRawBufferPointer(rebasing: bytes.prefix(CSVFormat.longestRow))
    endsFile = isRestOfFile && bytes.count <= CSVFormat.longestRow
    self.layout = layout
  }

  /// Parses the row.
  /// - Returns: the length of the row with its line end.
  func parse(label: UnsafeMutablePointer<UInt8>, pixels: UnsafeMutableRawPointer) throws(Fault) -> Int {
    var start = 0
    label.pointee = 0
    for column in 1...layout.columns {
      let end = fieldEnd(from: start)
      let isEndless = end == bytes.count && !endsFile  // and so no number
      let isLast = !isEndless && (end == bytes.count || bytes[end] == CSVFormat.newline)
      if !isEndless { try checkColumns(column, isLast: isLast, end: end) }
      let hasReturn = isLast && end > start && bytes[end - 1] == CSVFormat.carriageReturn
      let field = bytes[start..<(hasReturn ? end - 1 : end)]
      let role = layout.role(column)
      do throws(CSVFieldFault) {
        switch role {
        case .index: try CSVField.checkRowNumber(field)
        case .label: label.pointee = try CSVField.number(field, isLabel: true)
        case .pixel(let pixel):
          pixels.storeBytes(of: try CSVField.number(field, isLabel: false), toByteOffset: pixel, as: UInt8.self)
        }
      } catch {
        throw Fault(column: column, offset: start, reason: error.reason)
      }
      start = end + 1
    }
    return min(start, bytes.count)
  }

  private func fieldEnd(from start: Int) -> Int {
    var end = start
    while end < bytes.count, bytes[end] != CSVFormat.comma, bytes[end] != CSVFormat.newline { end += 1 }
    return end
  }

  /// A row must end after its last column, neither before nor later.
  private func checkColumns(_ column: Int, isLast: Bool, end: Int) throws(Fault) {
    guard isLast != (column == layout.columns) else { return }
    guard isLast else { throw Fault(reason: Self.tooManyColumns) }
    if end == bytes.count { throw Fault(reason: .truncated(columns: column, expected: layout.columns)) }
    let isEmpty = end == 0 || (end == 1 && bytes[0] == CSVFormat.carriageReturn)
    throw Fault(reason: isEmpty ? .emptyLine : .columnCount(column, expected: layout.columns))
  }
}
