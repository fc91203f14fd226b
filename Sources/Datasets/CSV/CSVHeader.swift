import Platform

/// Parses the first line of the file.
struct CSVHeader {
  private typealias Line = Slice<UnsafeMutableRawBufferPointer>
  private typealias Field = (name: Line, offset: Int)

  private let line: Line
  private let file: String
  private let request: RowRequest
  /// Whether the file may have names of its own: not if its first bytes are those of another kind of file.
  private let allowsAnyNames: Bool
  /// The index of the next field; past the line's end if there is none.
  private var next: Int
  private var column = 0

  /// Reads and checks the header.
  /// - Returns: the columns of the file, and the offset of the first row.
  static func read(
    from source: borrowing CSVSource, _ request: RowRequest
  ) throws(CSVError) -> (columns: CSVColumns, rowsBegin: Int) {
    guard source.size > 0 else { throw CSVError(file: source.path, reason: .empty) }
    let limit = longest(request)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: min(limit, source.size), alignment: 16)
    defer { buffer.deallocate() }
    let count = try source.read(into: buffer, at: 0)
    let bytes = buffer.prefix(count)
    let line = bytes.prefix { $0 != CSVFormat.newline }
    let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    var header = CSVHeader(
      line.starts(with: byteOrderMark) ? line.dropFirst(byteOrderMark.count) : line, file: source.path, request,
      allowsAnyNames: FileKind(firstBytes: bytes.prefix(FileKind.bytesToSee)) == nil && !bytes.prefix(64).contains(0))
    do throws(CSVError) {
      return (try header.columns(), min(line.count + 1, source.size))
    } catch {
      // The kind of file, if it is another one, is more helpful than the first wrong name.
      let reason = CSVDiagnosis.reason(UnsafeRawBufferPointer(rebasing: bytes), columns: 1 + request.format.count)
      guard let reason else { throw error }
      throw CSVError(file: source.path, reason: reason)
    }
  }

  /// The maximum length in bytes: names of 64 characters, and at least 64 KiB, which leaves room for spaces.
  private static func longest(_ request: RowRequest) -> Int { max(1 << 16, 64 * (request.format.count + 8)) }

  private init(_ line: Line, file: String, _ request: RowRequest, allowsAnyNames: Bool) {
    self.line = line
    self.file = file
    self.request = request
    self.allowsAnyNames = allowsAnyNames
    next = line.startIndex
  }

  /// Whether there is another field.
  private var hasMore: Bool { next <= line.endIndex }

  /// The next field's name. Fields are read one by one, so that a file full of commas needs no more memory than its
  /// bytes.
  private mutating func nextField() -> Field {
    let offset = next
    let field = line[next...].prefix { $0 != CSVFormat.comma }
    next = field.endIndex + 1
    column += 1
    return (Self.unquoted(field), offset)
  }

  private mutating func columns() throws(CSVError) -> CSVColumns {
    var columns = CSVColumns(request)
    var field = nextField()
    while columns.indexColumns < CSVColumns.mostIndexColumns, hasMore,
      CSVColumns.isIndex(field.name.prefix(16).map(Self.lowercase), column: column)
    {
      columns.indexColumns += 1
      field = nextField()
    }
    columns.labelColumn = nil
    if Self.isLabel(field.name) {
      columns.labelColumn = column
      guard hasMore else { throw columnCount(columns) }
      field = nextField()
    } else if column == 1, Self.isNumber(field.name) {
      throw CSVError(file: file, line: 1, reason: .noHeader(pixels: request.format.count))
    } else if hasMore, series(field.name) == nil, !Self.isOfASeries(field.name), nextBeginsSeries {
      // A label under another name, in front of pixels that leave no doubt.
      guard isName(field.name) else { throw wrong(field, expected: "label") }
      columns.labelColumn = column
      field = nextField()
    }
    guard let names = series(field.name) else { return try freeColumns(columns, field) }
    columns.names = names
    try readPixels(columns)
    guard hasMore else { return columns }
    // The label may also come last.
    guard columns.labelColumn == nil, Self.isLabel(nextField().name), !hasMore else {
      throw columnCount(columns)
    }
    columns.labelColumn = column
    return columns
  }

  /// The known series that begins with this name.
  private func series(_ name: Line) -> PixelNames? {
    PixelNames.known.first { Self.isName(name, $0.name(0, request.format)) }
  }

  private var nextBeginsSeries: Bool {
    var ahead = self
    return series(ahead.nextField().name) != nil
  }

  /// Reads the names of the pixels after the first.
  private mutating func readPixels(_ columns: CSVColumns) throws(CSVError) {
    for pixel in 1..<max(1, request.format.count) {
      guard hasMore else { throw columnCount(columns) }
      let (expected, field) = (columns.names.name(pixel, request.format), nextField())
      guard Self.isName(field.name, expected) else { throw wrong(field, expected: expected) }
    }
  }

  /// Reads the rest of a header whose pixels have names of their own; `field` is the first that is not known.
  private mutating func freeColumns(_ known: CSVColumns, _ field: Field) throws(CSVError) -> CSVColumns {
    var columns = known
    let pixels = request.format.count
    let first = column
    let count = 1 + (next <= line.endIndex ? 1 + line[next...].count { $0 == CSVFormat.comma } : 0)
    let isWhole = count == pixels || (columns.labelColumn == nil && count == pixels + 1)
    guard isName(field.name), !Self.isOfASeries(field.name) else {
      throw wrong(field, expected: expectedName(columns))
    }
    guard isWhole else {
      throw columns.labelColumn == nil ? wrong(field, expected: "label") : columnCount(columns)
    }
    var (names, label) = ([String](), (index: 0, rank: Int.max))
    names.reserveCapacity(count)
    var field = field
    while true {
      guard isName(field.name) else { throw wrong(field, expected: "a name") }
      let rank = CSVColumns.labelNames.firstIndex { Self.isName(field.name, $0) } ?? .max
      if rank < label.rank { label = (names.count, rank) }
      names.append(String(decoding: field.name, as: UTF8.self))
      guard hasMore else { break }
      field = nextField()
    }
    if columns.labelColumn == nil, count == pixels + 1 {
      columns.labelColumn = first + label.index
      names.remove(at: label.index)
    }
    columns.names = .listed(names)
    return columns
  }

  /// Whether this can be a name that the file has chosen itself: some printable characters.
  private func isName(_ name: Line) -> Bool {
    allowsAnyNames && !name.isEmpty && name.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
  }

  private func expectedName(_ columns: CSVColumns) -> String {
    columns.labelColumn == nil ? "label" : PixelNames.kaggle.name(0, request.format)
  }

  private func wrong(_ field: Field, expected: String) -> CSVError {
    CSVError(
      file: file, offset: field.offset, line: 1, column: column, columnName: expected,
      reason: .wrongHeader(expected: expected, found: CSVFormat.excerpt(field.name)))
  }

  private func columnCount(_ columns: CSVColumns) -> CSVError {
    let count = 1 + line.count { $0 == CSVFormat.comma }
    // A header without a label is compared with Kaggle's format, unless it has too many names even for that.
    let whole = columns.indexColumns + 1 + request.format.count
    let expected = columns.labelColumn == nil && count >= whole ? columns.count : whole
    return CSVError(file: file, line: 1, reason: .columnCount(count, expected: expected))
  }

  private static func isLabel(_ name: Line) -> Bool { CSVColumns.labelNames.contains { isName(name, $0) } }

  /// Whether a name looks like one of a known series: a number, two with an x between them, or `pixel` and more. Where such a
  /// name is not the one that must come next, a column is missing or out of order.
  private static func isOfASeries(_ name: Line) -> Bool {
    let text = name.map(lowercase)
    let isDigit = { (byte: UInt8) in (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    if isNumber(name) || text.starts(with: "pixel".utf8) { return true }
    let (row, column) = (text.prefix(while: isDigit), text.reversed().prefix(while: isDigit))
    return !row.isEmpty && !column.isEmpty && row.count + column.count + 1 == text.count
      && text[row.count] == UInt8(ascii: "x")
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
