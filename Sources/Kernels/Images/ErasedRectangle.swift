/// A rectangle of one grey level that hides what is behind it, in pixels. What reaches beyond the image has no effect.
public struct Erasure: Equatable, Sendable {
  /// The first column, from the left, and the first row, from the top; either may lie outside the image.
  public var left: Int, top: Int
  /// Columns and rows.
  public var width: Int, height: Int
  /// The grey level.
  public var grey: UInt8

  /// A rectangle.
  public init(left: Int, top: Int, width: Int, height: Int, grey: UInt8) {
    (self.left, self.top, self.width, self.height, self.grey) = (left, top, width, height, grey)
  }
}

/// Covers a part of an image of 784 bytes.
func eraseRectangle(_ erasure: Erasure, of pixels: UnsafeMutablePointer<UInt8>) {
  func inside(_ place: Int) -> Int { max(0, min(imageSide, place)) }
  let (left, right) = (inside(erasure.left), inside(erasure.left + erasure.width))
  for row in inside(erasure.top)..<inside(erasure.top + erasure.height) {
    (pixels + (imageSide &* row &+ left)).update(repeating: erasure.grey, count: right - left)
  }
}
