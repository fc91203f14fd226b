import Datasets
import ImageFiles

/// A page of pairs of images, eight pairs a line, each pixel shown as a square of 3.
struct ImagePairs {
  /// Two images of 784 pixels.
  struct Pair {
    let left: [UInt8]
    let right: [UInt8]
  }

  private static let scale = 3, perLine = 8
  private static let image = scale * ImageTable.side
  /// Between the images of a pair, and around pairs.
  private static let gap = 3, margin = 12
  private static let paper: UInt8 = 255

  private let pairs: [Pair]

  init(_ pairs: [Pair]) { self.pairs = pairs }

  /// The page.
  var png: PNGImage {
    let cell = (width: 2 * Self.image + Self.gap + Self.margin, height: Self.image + Self.margin)
    let width = min(pairs.count, Self.perLine) * cell.width + Self.margin
    let height = (pairs.count + Self.perLine - 1) / Self.perLine * cell.height + Self.margin
    var page = [UInt8](repeating: Self.paper, count: width * height)
    for (n, pair) in pairs.enumerated() {
      let x = Self.margin + n % Self.perLine * cell.width
      let y = Self.margin + n / Self.perLine * cell.height
      Self.draw(pair.left, x, y, width, on: &page)
      Self.draw(pair.right, x + Self.image + Self.gap, y, width, on: &page)
    }
    return PNGImage(page, ImageFormat(height: height, width: width))
  }

  private static func draw(_ image: [UInt8], _ x: Int, _ y: Int, _ width: Int, on page: inout [UInt8]) {
    for line in 0..<Self.image {
      for column in 0..<Self.image {
        page[(y + line) * width + x + column] = image[line / scale * ImageTable.side + column / scale]
      }
    }
  }
}
