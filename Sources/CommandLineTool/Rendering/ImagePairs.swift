import Datasets
import ImageFiles

/// A page of pairs of images: as many pairs a line as eight of 28 x 28 take. Each pixel is shown as a square: of 3 for
/// images of 28 x 28, smaller for larger images, of 1 at least.
struct ImagePairs {
  /// Two images of the page's format.
  struct Pair {
    let left: [UInt8]
    let right: [UInt8]
  }

  /// The length that the longer side of an image is brought to or near, and the width of the lines.
  private static let imageSide = 84, lineWidth = 1464
  /// Between the images of a pair, and around pairs.
  private static let gap = 3, margin = 12
  private static let paper: UInt8 = 255
  /// The most bytes of a page.
  private static let mostBytes = 1 << 28

  /// The format of the images.
  private let format: ImageFormat
  /// The side of the square that shows a pixel.
  private let scale: Int

  /// A page of images of that format.
  init(_ format: ImageFormat) {
    self.format = format
    scale = max(1, Self.imageSide / max(format.width, format.height))
  }

  /// The size of an image.
  private var shown: (width: Int, height: Int) { (scale * format.width, scale * format.height) }
  /// The size of a pair with its margin.
  private var cell: (width: Int, height: Int) {
    (2 * shown.width + Self.gap + Self.margin, shown.height + Self.margin)
  }
  private var perLine: Int { max(1, Self.lineWidth / cell.width) }

  /// The most pairs that a page holds, at least one: a page takes about 256 MB.
  var capacity: Int {
    let lineBytes = (perLine * cell.width + Self.margin) * cell.height * format.channels
    return max(1, Self.mostBytes / lineBytes * perLine)
  }

  /// The page.
  func png(_ pairs: [Pair]) -> PNGImage {
    let page = ImageFormat(
      height: (pairs.count + perLine - 1) / perLine * cell.height + Self.margin,
      width: min(pairs.count, perLine) * cell.width + Self.margin, channels: format.channels)
    var bytes = [UInt8](repeating: Self.paper, count: page.count)
    for (n, pair) in pairs.enumerated() {
      let x = Self.margin + n % perLine * cell.width
      let y = Self.margin + n / perLine * cell.height
      draw(pair.left, x, y, on: &bytes, page)
      draw(pair.right, x + shown.width + Self.gap, y, on: &bytes, page)
    }
    return PNGImage(bytes, page)
  }

  private func draw(_ image: [UInt8], _ x: Int, _ y: Int, on bytes: inout [UInt8], _ page: ImageFormat) {
    let channels = format.channels
    for line in 0..<shown.height {
      for column in 0..<shown.width {
        let source = (line / scale * format.width + column / scale) * channels
        let target = ((y + line) * page.width + x + column) * channels
        for channel in 0..<channels { bytes[target + channel] = image[source + channel] }
      }
    }
  }
}
