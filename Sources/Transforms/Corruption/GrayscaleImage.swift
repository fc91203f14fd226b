import Datasets

/// An image as gray levels in double precision, which may be outside 0 ... 255.
struct GrayscaleImage {
  static let side = ImageTable.side
  /// The coordinate of the image's center, in pixels from the center of its first pixel.
  static let center = Double(side - 1) / 2

  /// The gray levels, 28 x 28 in row-major order.
  let levels: [Double]

  init(levels: [Double]) { self.levels = levels }

  init(_ pixels: [UInt8]) { levels = pixels.map { Double($0) } }

  /// A new image whose gray level at pixel (x, y) is `level(x, y)`.
  func map(_ level: (Double, Double) -> Double) -> GrayscaleImage {
    GrayscaleImage(levels: (0..<levels.count).map { level(Double($0 % Self.side), Double($0 / Self.side)) })
  }

  /// The gray level at a point, by bilinear interpolation. Outside the image it is `padding`, or that of the nearest edge
  /// if `padding` is nil.
  func level(_ x: Double, _ y: Double, padding: Double? = nil) -> Double {
    let last = Double(Self.side - 1)
    if let padding, !(0...last).contains(x) || !(0...last).contains(y) { return padding }
    let (x, y) = (max(0, min(last, x)), max(0, min(last, y)))
    let (left, top) = (min(Int(x), Self.side - 2), min(Int(y), Self.side - 2))
    let (right, down) = (x - Double(left), y - Double(top))
    let at = Self.side * top + left
    let upper = levels[at] * (1 - right) + levels[at + 1] * right
    let lower = levels[at + Self.side] * (1 - right) + levels[at + Self.side + 1] * right
    return upper * (1 - down) + lower * down
  }
}
