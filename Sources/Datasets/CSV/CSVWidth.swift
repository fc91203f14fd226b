/// Finds out what the images of a CSV file are, from the number of its columns alone.
enum CSVWidth {
  /// A longer first line is not looked at.
  private static let mostBytes = 1 << 24

  /// The format of square images, gray or of three colors, that fits the columns; 1 x n if none does; nil if the file is no CSV.
  static func format(_ file: PackedFile) throws(PackedFileError) -> ImageFormat? {
    let line = try UnpackedBytes(file).prefix(mostBytes).prefix { $0 != CSVFormat.newline }
    let columns = 1 + line.count { $0 == CSVFormat.comma }
    guard columns > 2 else { return nil }
    // Row numbers in front, and no label or one.
    let counts = (0...CSVColumns.mostIndexColumns + 1).map { columns - 1 - $0 }
    if counts.contains(ImageFormat.mnist.count) || columns == ImageFormat.mnist.count { return .mnist }
    let names = String(decoding: line.prefix(64), as: UTF8.self).lowercased()
    let likely =
      names.hasPrefix("pixel") && !String(decoding: line, as: UTF8.self).lowercased().contains("label")
      ? [columns] : [columns - 1, columns]
    return likely.lazy.compactMap(square).first ?? ImageFormat(height: 1, width: likely[0])
  }

  /// The square image of this number of numbers, gray or of three colors; nil if there is none.
  static func square(_ count: Int) -> ImageFormat? {
    for channels in [1, 3] where count % channels == 0 {
      let side = Int(Double(count / channels).squareRoot().rounded())
      if side > 1, side * side * channels == count { return ImageFormat(height: side, width: side, channels: channels) }
    }
    return nil
  }
}
