import Datasets

extension Picture {
  /// The longest side of the picture in which an object is looked for: noise is averaged away, and the time does not depend on the size.
  private static let searchSide = 128
  /// What is left around an object at least, as a part of its longer side: a 32nd on every side.
  private static let marginParts = 32

  /// The rectangle of what stands out from the background, with a margin, in the aspect ratio of a format; it may reach beyond the
  /// picture. nil where nothing stands out.
  ///
  /// - Parameter framing: the part of the image's side that the object's longer side is to take, in 64ths; nil for almost all of it.
  func objectBox(for format: ImageFormat, framing: Int?) -> PixelRectangle? {
    let longest = max(width, height)
    let side = min(longest, Self.searchSide)
    let small = resampled(whole, toWidth: max(1, width * side / longest), height: max(1, height * side / longest))
    guard let found = ObjectBox.find(in: small.pixels, small.format) else { return nil }
    // In the pixels of this picture, whole ones.
    let left = found.x * width / small.width
    let top = found.y * height / small.height
    let right = min(width, ((found.x + found.width) * width + small.width - 1) / small.width)
    let bottom = min(height, ((found.y + found.height) * height + small.height - 1) / small.height)
    let size = max(right - left, bottom - top)
    let margin = max(size / Self.marginParts, framing.map { size * (64 - $0) / (2 * $0) } ?? 0)
    return PixelRectangle(
      x: left - margin, y: top - margin, width: right - left + 2 * margin, height: bottom - top + 2 * margin
    ).grown(to: format).moved(into: whole)
  }
}

extension PixelRectangle {
  /// The smallest rectangle of a format's aspect ratio around this one, with the same centre; sizes are rounded up.
  fileprivate func grown(to format: ImageFormat) -> PixelRectangle {
    let newWidth = max(width, (height * format.width + format.height - 1) / format.height)
    let newHeight = max(height, (width * format.height + format.width - 1) / format.width)
    return PixelRectangle(
      x: x - (newWidth - width) / 2, y: y - (newHeight - height) / 2, width: newWidth, height: newHeight)
  }

  /// The rectangle, moved so that as much of it as possible is inside another, which begins at 0; one that is longer stays centred on it.
  fileprivate func moved(into other: PixelRectangle) -> PixelRectangle {
    func place(_ start: Int, _ length: Int, _ room: Int) -> Int {
      length <= room ? min(max(0, start), room - length) : -(length - room) / 2
    }
    return PixelRectangle(
      x: place(x, width, other.width), y: place(y, height, other.height), width: width, height: height)
  }

  /// What of the rectangle lies within a picture of a size.
  func clipped(width room: Int, height roomBelow: Int) -> PixelRectangle {
    let (left, top) = (max(0, x), max(0, y))
    return PixelRectangle(
      x: left, y: top, width: min(room, x + width) - left, height: min(roomBelow, y + height) - top)
  }
}
