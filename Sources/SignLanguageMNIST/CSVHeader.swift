/// The first line of the file.
enum CSVHeader {
  /// No header is longer: 785 quoted names, CRLF and a byte order mark are 8.6 kB, and this leaves room for spaces.
  private static let limit = 1 << 16

  /// Reads and checks the header.
  /// - Returns: the place where the rows begin.
  static func read(from source: borrowing CSVSource) throws(CSVError) -> Int {
    guard source.size > 0 else { throw CSVError(file: source.path, reason: .empty) }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: min(limit, source.size), alignment: 16)
    defer { buffer.deallocate() }
    let count = try source.read(into: buffer, at: 0)
    let line = buffer.prefix(count).prefix { $0 != CSVFormat.newline }
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let text = line.starts(with: mark) ? line.dropFirst(mark.count) : line
    try check(text, in: source)
    return min(line.count + 1, source.size)
  }

  private static func check(
    _ line: Slice<UnsafeMutableRawBufferPointer>, in source: borrowing CSVSource
  ) throws(CSVError) {
    // Field by field: a file of nothing but commas must not cost more memory than its bytes.
    var place = line.startIndex
    for column in 1...CSVFormat.columns {
      let field = line[place...].prefix { $0 != CSVFormat.comma }
      let name = unquoted(field)
      if column == 1, isNumber(name) { throw CSVError(file: source.path, line: 1, reason: .noHeader) }
      let expected = CSVFormat.columnName(column)
      guard name.count == expected.utf8.count, zip(name, expected.utf8).allSatisfy({ lowercase($0) == $1 }) else {
        throw CSVError(
          file: source.path, offset: place, line: 1, column: column,
          reason: .wrongHeader(expected: expected, found: CSVFormat.excerpt(name)))
      }
      place = field.endIndex + 1
      let isLast = field.endIndex == line.endIndex
      guard isLast == (column == CSVFormat.columns) else {
        let count = 1 + line.count { $0 == CSVFormat.comma }
        throw CSVError(file: source.path, line: 1, reason: .columnCount(count))
      }
    }
  }

  private static func isNumber(_ name: some Collection<UInt8>) -> Bool {
    !name.isEmpty && name.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }

  private static func lowercase(_ letter: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(letter) ? letter | 0x20 : letter
  }

  /// A header field without spaces (and CR) around it and without its quotes.
  private static func unquoted(
    _ field: Slice<UnsafeMutableRawBufferPointer>
  ) -> Slice<UnsafeMutableRawBufferPointer> {
    func trimmed(_ bytes: Slice<UnsafeMutableRawBufferPointer>) -> Slice<UnsafeMutableRawBufferPointer> {
      let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == CSVFormat.carriageReturn }
      guard let last = bytes.lastIndex(where: { !isSpace($0) }) else { return bytes.prefix(0) }
      return bytes[...last].drop(while: isSpace)
    }
    let quote = UInt8(ascii: "\"")
    let name = trimmed(field)
    return name.count >= 2 && name.first == quote && name.last == quote
      ? trimmed(name.dropFirst().dropLast()) : name
  }
}
