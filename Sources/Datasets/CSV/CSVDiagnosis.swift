import Platform

/// Diagnoses a file whose first line is not the expected header: another kind of file, or a table in another text format.
enum CSVDiagnosis {
  /// What is wrong with a file that begins with these bytes; nil if it is neither.
  static func reason(_ bytes: UnsafeRawBufferPointer, columns: Int) -> CSVError.Reason? {
    if let kind = FileKind(firstBytes: bytes) { return .otherKind(kind.complaint(.csv)) }
    if bytes.prefix(64).contains(0) { return .zeroBytes }
    let line = bytes.prefix { $0 != CSVFormat.newline }
    // A tenth of a header's separators is enough evidence; a few may be in any sentence.
    let few = columns / 10
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
