/// The records of a CSV file as RFC 4180 describes it: fields between commas, perhaps in quotation marks, in which two stand for one.
struct CSVRecords {
  struct Record: Hashable {
    /// The line where it begins, counted from 1.
    let line: Int
    /// Its fields, without quotation marks, and without blanks around those that have none.
    let fields: [String]
  }

  /// The file ends within quotation marks.
  struct OpenQuote: Error {
    /// The line of the opening one.
    let line: Int
  }

  private let bytes: [UInt8]
  private var position = 0
  private var line = 1

  /// The records in the bytes of a file; a byte order mark is skipped.
  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  /// The next record; nil at the end of the file.
  mutating func next() throws(OpenQuote) -> Record? {
    guard position < bytes.count else { return nil }
    let first = line
    var fields: [String] = []
    while true {
      fields.append(try field())
      guard position < bytes.count else { break }
      let separator = bytes[position]
      position += 1
      if separator == UInt8(ascii: "\n") {
        line += 1
        break
      }
    }
    return Record(line: first, fields: fields)
  }

  /// The field that begins here; afterwards the position is at the separator or at the end.
  private mutating func field() throws(OpenQuote) -> String {
    while position < bytes.count, isBlank(bytes[position]) { position += 1 }
    var (text, opened) = ([UInt8](), -1)
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\""), opened >= 0 || text.isEmpty {
        let isDoubled = opened >= 0 && position + 1 < bytes.count && bytes[position + 1] == byte
        if isDoubled { text.append(byte) } else if opened >= 0 { return try closed(text) } else { opened = line }
        position += isDoubled ? 2 : 1
        continue
      }
      if opened < 0, byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\n") { break }
      if byte == UInt8(ascii: "\n") { line += 1 }
      text.append(byte)
      position += 1
    }
    guard opened < 0 else { throw OpenQuote(line: opened) }
    while let last = text.last, isBlank(last) { text.removeLast() }
    return String(decoding: text, as: UTF8.self)
  }

  /// A field after its closing quotation mark, with whatever follows up to the separator.
  private mutating func closed(_ text: [UInt8]) throws(OpenQuote) -> String {
    position += 1
    var text = text
    while position < bytes.count, bytes[position] != UInt8(ascii: ","), bytes[position] != UInt8(ascii: "\n") {
      if !isBlank(bytes[position]) { text.append(bytes[position]) }
      position += 1
    }
    return String(decoding: text, as: UTF8.self)
  }

  private func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == 9 || byte == 13 }
}
