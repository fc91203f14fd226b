import Platform

/// What a file is whose first line is no header of ours: another kind of file, or a table in another form of text.
enum CSVForeignForm {
  /// What is wrong with a file that begins with these bytes, if that can be told.
  static func reason(_ bytes: UnsafeRawBufferPointer) -> CSVError.Reason? {
    if let kind = FileKind(firstBytes: bytes) { return .otherKind(kind.complaint(.csv)) }
    if bytes.prefix(64).contains(0) { return .zeroBytes }
    let line = bytes.prefix { $0 != CSVFormat.newline }
    // A tenth of a header's separators tells; a few may stand in a sentence.
    let few = CSVFormat.columns / 10
    let commas = line.count { $0 == CSVFormat.comma }
    guard commas > few else {
      return separators.first { separator, _ in line.count { $0 == separator } > few }.map { .separator($1) }
    }
    let text = line.prefix(line.lastIndex { !CSVFormat.isSpace($0) }.map { $0 - line.startIndex + 1 } ?? 0)
    return text.contains(CSVFormat.carriageReturn) ? .carriageReturns : nil
  }

  private static let separators: [(UInt8, String)] = [
    (UInt8(ascii: ";"), "semicolons"), (UInt8(ascii: "\t"), "tabs"), (UInt8(ascii: "|"), "bars"), (0x20, "spaces"),
  ]
}
