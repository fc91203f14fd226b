/// A rectangle of one gray level that hides what is behind it, in pixels. What reaches beyond the image has no effect.
public struct ErasedRectangle: Equatable, Sendable {
  /// The first column, from the left, and the first row, from the top; either may lie outside the image.
  public var left: Int, top: Int
  /// Columns and rows.
  public var width: Int, height: Int
  /// The gray level.
  public var gray: UInt8

  /// A rectangle.
  public init(left: Int, top: Int, width: Int, height: Int, gray: UInt8) {
    (self.left, self.top, self.width, self.height, self.gray) = (left, top, width, height, gray)
  }
}

/// Covers a part of an image of 784 bytes.
func eraseRectangle(_ erasing: ErasedRectangle, of pixels: UnsafeMutablePointer<UInt8>) {
  func inside(_ place: Int) -> Int { max(0, min(imageSide, place)) }
  let (left, right) = (inside(erasing.left), inside(erasing.left + erasing.width))
  for row in inside(erasing.top)..<inside(erasing.top + erasing.height) {
    (pixels + (imageSide &* row &+ left)).update(repeating: erasing.gray, count: right - left)
  }
}
