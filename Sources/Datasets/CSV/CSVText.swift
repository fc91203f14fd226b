/// A data set as CSV text in Kaggle's exact format: a header, LF line ends, a final newline.
///
/// Write the header, then the `lines(of:)` of one table after another; so a large data set is never in memory as text.
public enum CSVText {
  /// The header line of images of this format, such as `label,pixel1,...,pixel784`.
  public static func header(_ format: ImageFormat, hasLabels: Bool = true) -> [UInt8] {
    let pixels = (0..<format.count).map { PixelNames.kaggle.name($0, format) }
    return Array((((hasLabels ? ["label"] : []) + pixels).joined(separator: ",") + "\n").utf8)
  }

  /// The rows of a table as lines.
  public static func lines(of table: ImageTable) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(table.count * 4 * (1 + table.format.count))
    for row in 0..<table.count {
      if table.hasLabels {
        text.append(contentsOf: String(table.labels[row]).utf8)
        text.append(CSVFormat.comma)
      }
      for pixel in table.image(row) {
        text.append(contentsOf: numbers[Int(pixel)])
        text.append(CSVFormat.comma)
      }
      text.removeLast()
      text.append(CSVFormat.newline)
    }
    return text
  }

  /// The numbers 0-255 as text.
  private static let numbers = (0...255).map { Array(String($0).utf8) }
}
