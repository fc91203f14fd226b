/// The format of Kaggle's CSV files of images, and the variants that this reader accepts.
///
/// - The first line is the header, such as `label,pixel1,...,pixel784`. Names may be quoted, in any case, with spaces around
///   them; a UTF-8 byte order mark may precede them. The label's column is that named `label`, `class` or `target`, otherwise
///   the first; it may be missing. Other columns are the pixels in row-major order under any names; names of a known series
///   (`pixel0`, `pixel_1`, `0`, `1x1` and their successors) must be in order. Columns of row numbers may come first, with an
///   empty name or pandas' `Unnamed: 0`: see `CSVColumns`.
/// - Every other line is a row: one number per column, separated by commas. A number has one to three digits; leading
///   zeros count as digits (`007` is 7, `0007` is an error). A fraction of up to 16 zeros may follow (`7.0`). Spaces,
///   quotes, signs and other fractions are errors: the reader does not guess. A row number has up to 19 digits.
/// - Lines end in LF or CRLF; the last line end may be missing. Blank lines are allowed at the end of the file only.
enum CSVFormat {
  /// The maximum number of zeros after a number's point.
  static let mostZeros = 16

  /// The maximum number of digits of a row number.
  static let mostIndexDigits = 19

  /// The number of bytes at the end of the file that are searched for blank lines.
  static let mostBlank = 4096

  static let comma = UInt8(ascii: ",")
  static let newline = UInt8(ascii: "\n")
  static let carriageReturn = UInt8(ascii: "\r")

  /// Whether a byte counts as space around a column name and on a blank line.
  static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == carriageReturn }

  /// The first 24 bytes of a field for an error message, with `?` for unprintable ones.
  static func excerpt(_ bytes: some Sequence<UInt8>) -> String {
    let limit = 24
    let start = Array(bytes.prefix(limit + 1))
    let text = start.prefix(limit).map { (0x20..<0x7F).contains($0) ? Character(Unicode.Scalar($0)) : "?" }
    return String(text) + (start.count > limit ? "..." : "")
  }
}
