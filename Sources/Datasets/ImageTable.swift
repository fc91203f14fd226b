/// Images with their labels, in memory as bytes: 785 bytes per row.
public struct ImageTable: Hashable, Sendable {
  /// The side length of an image in pixels.
  public static let side = 28
  /// The number of pixels of an image, `side * side`.
  public static let pixelsPerImage = side * side

  /// The class of each row, 0-24.
  public private(set) var labels: [UInt8]
  /// The pixels of all rows, 0-255: [rows, 784], each image in row-major order from the top.
  public private(set) var pixels: [UInt8]

  /// A table without rows.
  public init() {
    self.init(labels: [], pixels: [])
  }

  /// A table of `labels.count` rows with 784 pixels each.
  public init(labels: [UInt8], pixels: [UInt8]) {
    precondition(pixels.count == labels.count * Self.pixelsPerImage, "a row has 784 pixels")
    self.labels = labels
    self.pixels = pixels
  }

  /// The number of rows.
  public var count: Int { labels.count }

  /// The 784 pixels of a row.
  public func image(_ row: Int) -> ArraySlice<UInt8> {
    pixels[row * Self.pixelsPerImage..<(row + 1) * Self.pixelsPerImage]
  }

  /// The number of rows of each class: 25 counts.
  public var classCounts: [Int] {
    labels.reduce(into: [Int](repeating: 0, count: ClassNames.count)) { $0[Int($1)] += 1 }
  }

  /// Appends the rows of another table.
  public mutating func append(_ other: ImageTable) {
    labels.append(contentsOf: other.labels)
    pixels.append(contentsOf: other.pixels)
  }

  /// A table of the rows in a range.
  public func rows(_ range: Range<Int>) -> ImageTable {
    let bytes = range.lowerBound * Self.pixelsPerImage..<range.upperBound * Self.pixelsPerImage
    return ImageTable(labels: Array(labels[range]), pixels: Array(pixels[bytes]))
  }
}
