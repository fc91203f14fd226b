/// The first line of the file.
struct CSVHeader {
  /// No header is longer: 785 quoted names, CRLF and a byte order mark are 8.6 kB, and this leaves room for spaces.
  private static let limit = 1 << 16

  private typealias Line = Slice<UnsafeMutableRawBufferPointer>

  private let line: Line
  private let file: String
  /// The place of the field to be read next; beyond the line's end when there is none.
  private var place: Int
  private var column = 0

  /// Reads and checks the header.
  /// - Returns: the columns of the file, and the place where the rows begin.
  static func read(from source: borrowing CSVSource) throws(CSVError) -> (layout: CSVLayout, rowsBegin: Int) {
    guard source.size > 0 else { throw CSVError(file: source.path, reason: .empty) }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: min(limit, source.size), alignment: 16)
    defer { buffer.deallocate() }
    let count = try source.read(into: buffer, at: 0)
    let bytes = buffer.prefix(count)
    let line = bytes.prefix { $0 != CSVFormat.newline }
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    var header = CSVHeader(line.starts(with: mark) ? line.dropFirst(mark.count) : line, file: source.path)
    do throws(CSVError) {
      return (try header.layout(), min(line.count + 1, source.size))
    } catch {
      // Only what is no header is looked at more closely: what kind of file it is says more than its first name.
      guard let reason = CSVForeignForm.reason(UnsafeRawBufferPointer(rebasing: bytes)) else { throw error }
      throw CSVError(file: source.path, reason: reason)
    }
  }

  private init(_ line: Line, file: String) {
    self.line = line
    self.file = file
    place = line.startIndex
  }

  /// Whether a field is left: a line ends in no comma.
  private var hasMore: Bool { place <= line.endIndex }

  /// The next field's name. Field by field: a file of nothing but commas must not cost more memory than its bytes.
  private mutating func next() -> (name: Line, offset: Int) {
    let offset = place
    let field = line[place...].prefix { $0 != CSVFormat.comma }
    place = field.endIndex + 1
    column += 1
    return (Self.unquoted(field), offset)
  }

  private mutating func layout() throws(CSVError) -> CSVLayout {
    var layout = CSVLayout()
    var field = next()
    while layout.indexColumns < CSVLayout.mostIndexColumns, hasMore,
      CSVLayout.isIndex(field.name.prefix(16).map(Self.lowercase), column: column)
    {
      layout.indexColumns += 1
      field = next()
    }
    layout.labelColumn = nil
    if Self.isName(field.name, "label") {
      layout.labelColumn = column
      guard hasMore else { throw columnCount(layout) }
      field = next()
    } else if column == 1, Self.isNumber(field.name) {
      throw CSVError(file: file, line: 1, reason: .noHeader)
    }
    guard let names = PixelNames.known.first(where: { Self.isName(field.name, $0.name(0)) }) else {
      throw wrong(field, expected: layout.labelColumn == nil ? "label" : PixelNames.kaggle.name(0))
    }
    layout.names = names
    try readPixels(layout)
    guard hasMore else { return layout }
    // The label may also come last.
    guard layout.labelColumn == nil, Self.isName(next().name, "label"), !hasMore else { throw columnCount(layout) }
    layout.labelColumn = column
    return layout
  }

  /// Reads the names of the pixels behind the first.
  private mutating func readPixels(_ layout: CSVLayout) throws(CSVError) {
    for pixel in 1..<ImageTable.pixelsPerImage {
      guard hasMore else { throw columnCount(layout) }
      let (expected, field) = (layout.names.name(pixel), next())
      guard Self.isName(field.name, expected) else { throw wrong(field, expected: expected) }
    }
  }

  private func wrong(_ field: (name: Line, offset: Int), expected: String) -> CSVError {
    CSVError(
      file: file, offset: field.offset, line: 1, column: column, columnName: expected,
      reason: .wrongHeader(expected: expected, found: CSVFormat.excerpt(field.name)))
  }

  private func columnCount(_ layout: CSVLayout) -> CSVError {
    let count = 1 + line.count { $0 == CSVFormat.comma }
    // Without a label it is compared with Kaggle's form, unless only a name too many is left to blame.
    let whole = layout.indexColumns + CSVFormat.columns
    let expected = layout.labelColumn == nil && count >= whole ? layout.columns : whole
    return CSVError(file: file, line: 1, reason: .columnCount(count, expected: expected))
  }

  private static func isName(_ name: Line, _ expected: String) -> Bool {
    name.count == expected.utf8.count && zip(name, expected.utf8).allSatisfy { lowercase($0) == $1 }
  }

  private static func isNumber(_ name: Line) -> Bool {
    let isDigit = { (byte: UInt8) in (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    return name.first.map(isDigit) == true && name.allSatisfy { isDigit($0) || $0 == UInt8(ascii: ".") }
  }

  private static func lowercase(_ letter: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(letter) ? letter | 0x20 : letter
  }

  /// A header field without spaces (and CR) around it and without its quotes.
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
