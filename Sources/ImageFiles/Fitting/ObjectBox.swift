import Datasets

extension Picture {
  /// The longest side of the picture in which an object is looked for: noise is averaged away, and the time does not depend on the size.
  private static let searchSide = 128
  /// The least difference from the background that counts, in gray levels.
  private static let leastDifference = 20
  /// What is left around an object, as a part of its longer side: a tenth on every side.
  private static let marginParts = 10

  /// The rectangle of what differs from the background, with a margin, in the aspect ratio of a format; it may reach beyond the picture.
  /// nil where nothing does.
  ///
  /// The background is the median of the outermost pixels. The limit between it and the object is Otsu's (IEEE Trans. SMC 9, 1979) of
  /// the differences, so that a shadow or a gradient is not taken for a part of the object. Pieces that touch one another count as
  /// one, and pieces smaller than an eighth of the largest not at all.
  func objectBox(for format: ImageFormat) -> PixelRectangle? {
    let longest = max(width, height)
    let side = min(longest, Self.searchSide)
    let small = resampled(whole, toWidth: max(1, width * side / longest), height: max(1, height * side / longest))
    guard let found = Pieces(of: small.differences, width: small.width).box else { return nil }
    // In the pixels of this picture, whole ones.
    let left = found.x * width / small.width
    let top = found.y * height / small.height
    let right = min(width, ((found.x + found.width) * width + small.width - 1) / small.width)
    let bottom = min(height, ((found.y + found.height) * height + small.height - 1) / small.height)
    let margin = max(right - left, bottom - top) / Self.marginParts
    return PixelRectangle(
      x: left - margin, y: top - margin, width: right - left + 2 * margin, height: bottom - top + 2 * margin
    ).grown(to: format).moved(into: whole)
  }

  /// For each pixel whether it is of the object: whether it differs from the background by more than the limit.
  private var differences: [Bool] {
    let background = borderMedian
    let differences = (0..<width * height).map { pixel in
      (0..<channels).reduce(0) { max($0, abs(Int(pixels[pixel * channels + $1]) - Int(background[$1]))) }
    }
    let limit = max(Self.leastDifference, Self.otsuLimit(differences))
    return differences.map { $0 > limit }
  }

  /// The limit that divides numbers from 0 to 255 into two classes with the greatest variance between them.
  private static func otsuLimit(_ numbers: [Int]) -> Int {
    var counts = [Int](repeating: 0, count: 256)
    for number in numbers { counts[number] += 1 }
    let sum = numbers.reduce(0, +)
    var (best, limit) = (0.0, 0)
    var (below, sumBelow) = (0, 0)
    for level in 0..<255 {
      below += counts[level]
      sumBelow += level * counts[level]
      let above = numbers.count - below
      guard below > 0, above > 0 else { continue }
      let difference = Double(sumBelow) / Double(below) - Double(sum - sumBelow) / Double(above)
      let variance = Double(below) * Double(above) * difference * difference
      if variance > best { (best, limit) = (variance, level) }
    }
    return limit
  }
}

/// Pixels that touch one another, piece by piece.
private struct Pieces {
  private var pieces: [(area: Int, left: Int, top: Int, right: Int, bottom: Int)] = []
  private let pixelCount: Int

  init(of mask: [Bool], width: Int) {
    pixelCount = mask.count
    var waiting = mask
    var next: [Int] = []
    for start in mask.indices where waiting[start] {
      var piece = (area: 0, left: width, top: mask.count, right: 0, bottom: 0)
      waiting[start] = false
      next.append(start)
      while let pixel = next.popLast() {
        let (x, y) = (pixel % width, pixel / width)
        piece = (
          piece.area + 1, min(piece.left, x), min(piece.top, y), max(piece.right, x + 1), max(piece.bottom, y + 1)
        )
        for (neighbour, exists) in [
          (pixel - 1, x > 0), (pixel + 1, x + 1 < width), (pixel - width, true), (pixel + width, true),
        ] where exists && mask.indices.contains(neighbour) && waiting[neighbour] {
          waiting[neighbour] = false
          next.append(neighbour)
        }
      }
      pieces.append(piece)
    }
  }

  /// The rectangle of the large pieces; nil where even the largest is no more than a speck, a 500th of the picture.
  var box: PixelRectangle? {
    guard let largest = pieces.map(\.area).max(), largest * 500 > pixelCount else { return nil }
    let large = pieces.filter { $0.area * 8 >= largest }
    let (left, top) = (large.map(\.left).min() ?? 0, large.map(\.top).min() ?? 0)
    let (right, bottom) = (large.map(\.right).max() ?? 1, large.map(\.bottom).max() ?? 1)
    return PixelRectangle(x: left, y: top, width: right - left, height: bottom - top)
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
