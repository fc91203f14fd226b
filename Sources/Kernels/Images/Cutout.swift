/// A rectangle that random erasing fills with one gray level, in pixels (DeVries and Taylor's cutout, 2017). It is
/// clipped to the image.
public struct Cutout: Equatable, Sendable {
  /// The first column, from the left, and the first row, from the top; either may lie outside the image.
  public var left: Int, top: Int
  /// The numbers of columns and rows.
  public var width: Int, height: Int
  /// The gray level.
  public var gray: UInt8

  /// A rectangle of one gray level.
  public init(left: Int, top: Int, width: Int, height: Int, gray: UInt8) {
    (self.left, self.top, self.width, self.height, self.gray) = (left, top, width, height, gray)
  }
}

/// Fills the rectangle in an image of 784 bytes.
func applyCutout(_ cutout: Cutout, to pixels: UnsafeMutablePointer<UInt8>) {
  func clipped(_ index: Int) -> Int { max(0, min(imageSide, index)) }
  let (left, right) = (clipped(cutout.left), clipped(cutout.left + cutout.width))
  for row in clipped(cutout.top)..<clipped(cutout.top + cutout.height) {
    (pixels + (imageSide &* row &+ left)).update(repeating: cutout.gray, count: right - left)
  }
}
