/// Parses the first line of the file.
struct CSVHeader {
  /// The maximum length in bytes: 785 quoted names, CRLF and a byte order mark are 8.6 kB; the rest allows for spaces.
  private static let limit = 1 << 16

  private typealias Line = Slice<UnsafeMutableRawBufferPointer>

  private let line: Line
  private let file: String
  /// The index of the next field; past the line's end if there is none.
  private var next: Int
  private var column = 0

  /// Reads and checks the header.
  /// - Returns: the columns of the file, and the offset of the first row.
  static func read(from source: borrowing CSVSource) throws(CSVError) -> (columns: CSVColumns, rowsBegin: Int) {
    guard source.size > 0 else { throw CSVError(file: source.path, reason: .empty) }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: min(limit, source.size), alignment: 16)
    defer { buffer.deallocate() }
    let count = try source.read(into: buffer, at: 0)
    let bytes = buffer.prefix(count)
    let line = bytes.prefix { $0 != CSVFormat.newline }
    let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    var header = CSVHeader(
      line.starts(with: byteOrderMark) ? line.dropFirst(byteOrderMark.count) : line, file: source.path)
    do throws(CSVError) {
      return (try header.columns(), min(line.count + 1, source.size))
    } catch {
      // The kind of file, if it is another one, is more helpful than the first wrong name.
      guard let reason = CSVDiagnosis.reason(UnsafeRawBufferPointer(rebasing: bytes)) else { throw error }
      throw CSVError(file: source.path, reason: reason)
    }
  }

  private init(_ line: Line, file: String) {
    self.line = line
    self.file = file
    next = line.startIndex
  }

  /// Whether there is another field.
  private var hasMore: Bool { next <= line.endIndex }

  /// The next field's name. Fields are read one by one, so that a file full of commas needs no more memory than its
  /// bytes.
  private mutating func nextField() -> (name: Line, offset: Int) {
    let offset = next
    let field = line[next...].prefix { $0 != CSVFormat.comma }
    next = field.endIndex + 1
    column += 1
    return (Self.unquoted(field), offset)
  }

  private mutating func columns() throws(CSVError) -> CSVColumns {
    var columns = CSVColumns()
    var field = nextField()
    while columns.indexColumns < CSVColumns.mostIndexColumns, hasMore,
      CSVColumns.isIndex(field.name.prefix(16).map(Self.lowercase), column: column)
    {
      columns.indexColumns += 1
      field = nextField()
    }
    columns.labelColumn = nil
    if Self.isName(field.name, "label") {
      columns.labelColumn = column
      guard hasMore else { throw columnCount(columns) }
      field = nextField()
    } else if column == 1, Self.isNumber(field.name) {
      throw CSVError(file: file, line: 1, reason: .noHeader)
    }
    guard let names = PixelNames.known.first(where: { Self.isName(field.name, $0.name(0)) }) else {
      throw wrong(field, expected: columns.labelColumn == nil ? "label" : PixelNames.kaggle.name(0))
    }
    columns.names = names
    try readPixels(columns)
    guard hasMore else { return columns }
    // The label may also come last.
    guard columns.labelColumn == nil, Self.isName(nextField().name, "label"), !hasMore else {
      throw columnCount(columns)
    }
    columns.labelColumn = column
    return columns
  }

  /// Reads the names of the pixels after the first.
  private mutating func readPixels(_ columns: CSVColumns) throws(CSVError) {
    for pixel in 1..<ImageTable.pixelsPerImage {
      guard hasMore else { throw columnCount(columns) }
      let (expected, field) = (columns.names.name(pixel), nextField())
      guard Self.isName(field.name, expected) else { throw wrong(field, expected: expected) }
    }
  }

  private func wrong(_ field: (name: Line, offset: Int), expected: String) -> CSVError {
    CSVError(
      file: file, offset: field.offset, line: 1, column: column, columnName: expected,
      reason: .wrongHeader(expected: expected, found: CSVFormat.excerpt(field.name)))
  }

  private func columnCount(_ columns: CSVColumns) -> CSVError {
    let count = 1 + line.count { $0 == CSVFormat.comma }
    // A header without a label is compared with Kaggle's format, unless it has too many names even for that.
    let whole = columns.indexColumns + CSVFormat.columns
    let expected = columns.labelColumn == nil && count >= whole ? columns.count : whole
    return CSVError(file: file, line: 1, reason: .columnCount(count, expected: expected))
  }

  private static func isName(_ name: Line, _ expected: String) -> Bool {
    name.count == expected.utf8.count && zip(name, expected.utf8).allSatisfy { lowercase($0) == $1 }
  }

  private static func isNumber(_ name: Line) -> Bool {
    let isDigit = { (byte: UInt8) in (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    return name.first.map(isDigit) == true && name.allSatisfy { isDigit($0) || $0 == UInt8(ascii: ".") }
  }

  private static func lowercase(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }

  /// A header field without its quotes and without spaces, tabs and CR around it.
  private static func unquoted(_ field: Line) -> Line {
    func trimmed(_ bytes: Line) -> Line {
      guard let last = bytes.lastIndex(where: { !CSVFormat.isSpace($0) }) else { return bytes.prefix(0) }
      return bytes[...last].drop(while: CSVFormat.isSpace)
    }
    let quote = UInt8(ascii: "\"")
    let name = trimmed(field)
    return name.count >= 2 && name.first == quote && name.last == quote
      ? trimmed(name.dropFirst().dropLast()) : name
  }
}
