/// The data set's CSV text, in Kaggle's exact form: header, LF line ends, a final newline.
///
/// Only makes bytes: a caller writes `header` and then the rows of one table after another, so that a large set never has
/// to be in memory as text.
public enum CSVText {
  /// The header line, `label,pixel1,...,pixel784`.
  public static let header = Array(
    ((1...CSVFormat.columns).map(CSVLayout().name).joined(separator: ",") + "\n").utf8)

  /// The lines of a table's rows.
  public static func lines(of table: ImageTable) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(table.count * 4 * CSVFormat.columns)
    for row in 0..<table.count {
      text.append(contentsOf: numbers[Int(table.labels[row])])
      for pixel in table.image(row) {
        text.append(CSVFormat.comma)
        text.append(contentsOf: numbers[Int(pixel)])
      }
      text.append(CSVFormat.newline)
    }
    return text
  }

  /// The digits of 0-255.
  private static let numbers = (0...255).map { Array(String($0).utf8) }
}
