/// The slow path of the CSV reader, and the definition of the format: parses one row byte by byte, and locates its
/// first fault.
///
/// It gets the rows that the kernel rejects: damaged ones, those with fractions of zeros, those with the label last,
/// and a last row without a line end.
struct CSVRowReader {
  /// A fault in a row, with its column and offset in the row.
  struct Fault: Error {
    /// The column, counted from 1; nil if the fault concerns the whole row.
    var column: Int?
    /// The offset of the faulty field in the row.
    var offset = 0
    var reason: CSVError.Reason
  }

  /// The fault of a row with too many columns; counting them needs the whole line.
  static let tooManyColumns = CSVError.Reason.columnCount(.max, expected: 0)

  /// The row's bytes and those after it: `columns.longestRow` bytes, or up to the end of the file, so that the result
  /// does not depend on the block size.
  let bytes: UnsafeRawBufferPointer
  /// Whether the end of the bytes is the end of the file.
  let endsFile: Bool
  /// The file's columns.
  let columns: CSVColumns

  /// A reader for the row at the start of these bytes: at least `columns.longestRow` of them, or the rest of the
  /// file.
  init(_ bytes: UnsafeRawBufferPointer, isRestOfFile: Bool, columns: CSVColumns) {
    self.bytes = UnsafeRawBufferPointer(rebasing: bytes.prefix(columns.longestRow))
    endsFile = isRestOfFile && bytes.count <= columns.longestRow
    self.columns = columns
  }

  /// Parses the row.
  /// - Returns: the length of the row with its line end.
  func parse(label: UnsafeMutablePointer<UInt16>, pixels: UnsafeMutableRawPointer) throws(Fault) -> Int {
    var start = 0
    label.pointee = 0
    for column in 1...columns.count {
      let end = fieldEnd(from: start)
      let isEndless = end == bytes.count && !endsFile  // so the field is not a number
      let isLast = !isEndless && (end == bytes.count || bytes[end] == CSVFormat.newline)
      if !isEndless { try checkColumns(column, isLast: isLast, end: end) }
      let hasReturn = isLast && end > start && bytes[end - 1] == CSVFormat.carriageReturn
      let field = bytes[start..<(hasReturn ? end - 1 : end)]
      let role = columns.role(column)
      do throws(CSVFieldFault) {
        switch role {
        case .index: try CSVField.checkRowNumber(field)
        case .label: label.pointee = try CSVField.label(field, columns)
        case .pixel(let pixel):
          pixels.storeBytes(of: try CSVField.pixel(field), toByteOffset: pixel, as: UInt8.self)
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

  /// Checks that the row ends exactly after its last column.
  private func checkColumns(_ column: Int, isLast: Bool, end: Int) throws(Fault) {
    guard isLast != (column == columns.count) else { return }
    guard isLast else { throw Fault(reason: Self.tooManyColumns) }
    if end == bytes.count { throw Fault(reason: .truncated(columns: column, expected: columns.count)) }
    let isEmpty = end == 0 || (end == 1 && bytes[0] == CSVFormat.carriageReturn)
    throw Fault(reason: isEmpty ? .emptyLine : .columnCount(column, expected: columns.count))
  }
}
