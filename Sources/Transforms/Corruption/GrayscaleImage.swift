/// An image as grey levels in double precision, which may lie beyond what a byte holds.
struct GreyImage {
  static let side = ImageTable.side
  /// The image's middle in pixels, from the middle of its first one.
  static let middle = Double(side - 1) / 2

  /// 28 x 28, row by row.
  let levels: [Double]

  init(levels: [Double]) { self.levels = levels }

  init(_ pixels: [UInt8]) { levels = pixels.map { Double($0) } }

  /// The image with that level at each place.
  func places(_ level: (Double, Double) -> Double) -> GreyImage {
    GreyImage(levels: (0..<levels.count).map { level(Double($0 % Self.side), Double($0 / Self.side)) })
  }

  /// The grey level at a place by bilinear interpolation. Outside it is `surroundings`, or the nearest edge's where there are
  /// none.
  func level(_ x: Double, _ y: Double, surroundings: Double? = nil) -> Double {
    let last = Double(Self.side - 1)
    if let surroundings, !(0...last).contains(x) || !(0...last).contains(y) { return surroundings }
    let (x, y) = (max(0, min(last, x)), max(0, min(last, y)))
    let (left, top) = (min(Int(x), Self.side - 2), min(Int(y), Self.side - 2))
    let (right, down) = (x - Double(left), y - Double(top))
    let at = Self.side * top + left
    let upper = levels[at] * (1 - right) + levels[at + 1] * right
    let lower = levels[at + Self.side] * (1 - right) + levels[at + Self.side + 1] * right
    return upper * (1 - down) + lower * down
  }
}
