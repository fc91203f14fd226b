/// Rows of images with their labels, all in memory as bytes: 785 bytes a row.
public struct ImageTable: Hashable, Sendable {
  /// The side of an image in pixels.
  public static let side = 28
  /// The pixels of one image, `side * side`.
  public static let pixelsPerImage = side * side

  /// The class of each row, 0-24.
  public private(set) var labels: [UInt8]
  /// The pixels of all rows, 0-255: rows x 784, each image row-major, top row first.
  public private(set) var pixels: [UInt8]

  /// A table without rows.
  public init() {
    self.init(labels: [], pixels: [])
  }

  /// A table of `labels.count` rows; `pixels` holds 784 bytes for each.
  public init(labels: [UInt8], pixels: [UInt8]) {
    precondition(pixels.count == labels.count * Self.pixelsPerImage, "784 pixels a row")
    self.labels = labels
    self.pixels = pixels
  }

  /// The number of rows.
  public var count: Int { labels.count }

  /// The 784 pixels of a row.
  public func image(_ row: Int) -> ArraySlice<UInt8> {
    pixels[row * Self.pixelsPerImage..<(row + 1) * Self.pixelsPerImage]
  }

  /// How many rows each class has: 25 counts.
  public var classCounts: [Int] {
    labels.reduce(into: [Int](repeating: 0, count: ClassNames.count)) { $0[Int($1)] += 1 }
  }

  /// The rows of another table after this one's.
  public mutating func append(_ other: ImageTable) {
    labels.append(contentsOf: other.labels)
    pixels.append(contentsOf: other.pixels)
  }

  /// The rows of a range, as a table of their own.
  public func rows(_ range: Range<Int>) -> ImageTable {
    let bytes = range.lowerBound * Self.pixelsPerImage..<range.upperBound * Self.pixelsPerImage
    return ImageTable(labels: Array(labels[range]), pixels: Array(pixels[bytes]))
  }
}
