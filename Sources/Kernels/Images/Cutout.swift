/// A rectangle that random erasing fills with one gray level, in pixels (DeVries and Taylor's cutout, 2017). It is
/// clipped to the image.
public struct Cutout: Equatable, Sendable {
  /// The first column, from the left, and the first row, from the top; either may lie outside the image.
  public var left: Int, top: Int
  /// The numbers of columns and rows.
  public var width: Int, height: Int
  /// The gray level, in every channel.
  public var gray: UInt8

  /// A rectangle of one gray level.
  public init(left: Int, top: Int, width: Int, height: Int, gray: UInt8) {
    (self.left, self.top, self.width, self.height, self.gray) = (left, top, width, height, gray)
  }
}

/// Fills the rectangle in an image.
func applyCutout(_ cutout: Cutout, _ shape: ImageShape, to pixels: UnsafeMutablePointer<UInt8>) {
  func clipped(_ index: Int, _ side: Int) -> Int { max(0, min(side, index)) }
  let left = clipped(cutout.left, shape.width)
  let columns = clipped(cutout.left + cutout.width, shape.width) - left
  for row in clipped(cutout.top, shape.height)..<clipped(cutout.top + cutout.height, shape.height) {
    (pixels + (shape.width &* row &+ left) &* shape.channels).update(
      repeating: cutout.gray, count: columns &* shape.channels)
  }
}
