/// Images with their labels, in memory as bytes: `format.count` bytes of pixels per row, and 2 of its label.
public struct ImageTable: Hashable, Sendable {
  /// What each image is made of.
  public let format: ImageFormat
  /// Whether the rows have labels; without, all labels are 0.
  public let hasLabels: Bool
  /// The class of each row, from 0.
  public private(set) var labels: [UInt16]
  /// The pixels of all rows, 0-255: [rows, height, width, channels], each image in row-major order from its top left.
  public private(set) var pixels: [UInt8]

  /// A table without rows.
  public init(format: ImageFormat) {
    self.init(format: format, labels: [], pixels: [])
  }

  /// A table of `labels.count` rows with `format.count` pixels each.
  public init(format: ImageFormat, labels: [UInt16], pixels: [UInt8], hasLabels: Bool = true) {
    precondition(pixels.count == labels.count * format.count, "a row has as many pixels as its format")
    self.format = format
    self.labels = labels
    self.pixels = pixels
    self.hasLabels = hasLabels
  }

  /// The number of rows.
  public var count: Int { labels.count }

  /// The `format.count` pixels of a row.
  public func image(_ row: Int) -> ArraySlice<UInt8> {
    pixels[row * format.count..<(row + 1) * format.count]
  }

  /// The number of rows of each of the first `count` classes; every label must be one of them.
  public func classCounts(_ count: Int) -> [Int] {
    labels.reduce(into: [Int](repeating: 0, count: count)) { $0[Int($1)] += 1 }
  }

  /// Appends the rows of another table of the same format.
  public mutating func append(_ other: ImageTable) {
    precondition(other.format == format && other.hasLabels == hasLabels, "tables are appended to tables of their kind")
    labels.append(contentsOf: other.labels)
    pixels.append(contentsOf: other.pixels)
  }

  /// A table of the rows in a range.
  public func rows(_ range: Range<Int>) -> ImageTable {
    let bytes = range.lowerBound * format.count..<range.upperBound * format.count
    return ImageTable(
      format: format, labels: Array(labels[range]), pixels: Array(pixels[bytes]), hasLabels: hasLabels)
  }
}
