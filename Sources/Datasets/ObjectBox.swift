/// A rectangle of pixels.
package struct PixelRectangle: Hashable, Sendable {
  /// The column and row of its top left pixel, which may lie outside of an image.
  package var x: Int, y: Int
  /// Columns and rows.
  package var width: Int, height: Int

  /// A rectangle.
  package init(x: Int, y: Int, width: Int, height: Int) {
    (self.x, self.y, self.width, self.height) = (x, y, width, height)
  }
}

/// What stands out from the background of an image: a hand before a wall.
///
/// The background is the median of the outermost pixels. A pixel stands out whose difference from it is above half of Otsu's limit (IEEE
/// Trans. SMC 9, 1979) of the differences: that grows with the object's contrast, so that a shadow or noise is not taken for a part of it,
/// and half of it keeps the object's edges. Pieces that touch one another count as one, and pieces smaller than an eighth of the
/// largest not at all. Whole numbers decide, but for the comparison of variances, which are correctly rounded.
package enum ObjectBox {
  /// The least difference from the background that counts, in gray levels.
  private static let leastDifference = 20

  /// The rectangle of what stands out; nil where nothing does.
  ///
  /// - Parameter pixels: [height, width, channels] of the format.
  package static func find(in pixels: some Collection<UInt8>, _ format: ImageFormat) -> PixelRectangle? {
    let pixels = Array(pixels)
    let background = borderMedian(of: pixels, format)
    let channels = format.channels
    let differences = (0..<format.width * format.height).map { pixel in
      (0..<channels).reduce(0) { max($0, abs(Int(pixels[pixel * channels + $1]) - Int(background[$1]))) }
    }
    let limit = max(leastDifference, otsuLimit(differences) / 2)
    return Pieces(of: differences.map { $0 > limit }, width: format.width).box
  }

  /// The median of the outermost pixels, in each channel: of an even number of them, the lower of the two in the middle.
  package static func borderMedian(of pixels: [UInt8], _ format: ImageFormat) -> [UInt8] {
    let (width, height, channels) = (format.width, format.height, format.channels)
    return (0..<channels).map { channel in
      var counts = [Int](repeating: 0, count: 256)
      func count(_ x: Int, _ y: Int) { counts[Int(pixels[(y * width + x) * channels + channel])] += 1 }
      for x in 0..<width {
        count(x, 0)
        if height > 1 { count(x, height - 1) }
      }
      for y in 1..<max(1, height - 1) {
        count(0, y)
        if width > 1 { count(width - 1, y) }
      }
      var below = (counts.reduce(0, +) + 1) / 2
      return UInt8(
        counts.firstIndex {
          below -= $0; return below <= 0
        } ?? 255)
    }
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

  /// The rectangle of the large pieces; nil where even the largest is no more than a spot, a 500th of the picture.
  var box: PixelRectangle? {
    guard let largest = pieces.map(\.area).max(), largest * 500 > pixelCount else { return nil }
    let large = pieces.filter { $0.area * 8 >= largest }
    let (left, top) = (large.map(\.left).min() ?? 0, large.map(\.top).min() ?? 0)
    let (right, bottom) = (large.map(\.right).max() ?? 1, large.map(\.bottom).max() ?? 1)
    return PixelRectangle(x: left, y: top, width: right - left, height: bottom - top)
  }
}
