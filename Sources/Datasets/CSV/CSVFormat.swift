/// The form of Sign Language MNIST's CSV files, and what this reader takes for it.
///
/// - The first line is the header `label,pixel1,...,pixel784`. Its names may be quoted, in any case, with spaces around them,
///   and follow a UTF-8 byte order mark. The pixels may be named in other ways that are in use (`pixel0`, `pixel_1`, `0`,
///   `1x1`, each with its successors), the label may come last or be missing, and columns of row numbers may come first, with
///   no name or pandas' `Unnamed: 0`: see `CSVLayout`.
/// - Every other line is a row: a number for each column, separated by commas. A number is one to three digits; leading zeros
///   count as digits (`007` is 7, `0007` is an error), and a fraction of up to 16 zeros may follow (`7.0`). Spaces, quotes,
///   signs and other fractions are errors: a reader that guesses trains on guesses. A row number is up to 19 digits.
/// - Lines end in LF or CRLF, and the last one may lack its end. Blank lines may end the file; elsewhere they are errors.
enum CSVFormat {
  /// The columns of Kaggle's form.
  static let columns = 1 + ImageTable.pixelsPerImage

  /// Longer than any row of whole numbers (785 of three digits, 784 commas and CRLF: 3,141 bytes, and 80 of row numbers), and
  /// longer than any that the row kernel reads before it gives up (393 words, each advancing by nine bytes at most).
  static let window = 4096

  /// The zeros that may follow a number's point.
  static let mostZeros = 16

  /// The digits of a row number.
  static let mostIndexDigits = 19

  /// Longer than any legal row: 785 numbers of 20 characters with their commas, and row numbers, are 16.6 kB.
  static let longestRow = 1 << 15

  /// As much of the file's end is searched for the blank lines that may be there.
  static let mostBlank = 4096

  static let comma = UInt8(ascii: ",")
  static let newline = UInt8(ascii: "\n")
  static let carriageReturn = UInt8(ascii: "\r")

  /// Whether a byte may stand around a name of the header, or on a blank line.
  static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == carriageReturn }

  /// A field's text for an error message: what is printable of its first bytes.
  static func excerpt(_ bytes: some Sequence<UInt8>) -> String {
    let limit = 24
    let start = Array(bytes.prefix(limit + 1))
    let text = start.prefix(limit).map { (0x20..<0x7F).contains($0) ? Character(Unicode.Scalar($0)) : "?" }
    return String(text) + (start.count > limit ? "..." : "")
  }
}
