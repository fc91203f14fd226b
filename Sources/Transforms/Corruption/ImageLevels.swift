import Datasets

/// An image's bytes as levels in double precision, which may be outside 0 ... 255.
struct ImageLevels {
  let format: ImageFormat

  /// The levels, [height, width, channels] in row-major order.
  let levels: [Double]

  init(_ format: ImageFormat, levels: [Double]) {
    self.format = format
    self.levels = levels
  }

  init(_ pixels: [UInt8], _ format: ImageFormat) {
    precondition(pixels.count == format.count, "an image has the bytes of its format")
    self.init(format, levels: pixels.map { Double($0) })
  }

  /// The coordinates of the image's center, in pixels from the center of its first pixel.
  var center: (x: Double, y: Double) { (Double(format.width - 1) / 2, Double(format.height - 1) / 2) }

  /// A new image whose levels at each pixel (x, y) are `level(x, y, channel)`.
  func map(_ level: (Double, Double, Int) -> Double) -> ImageLevels {
    ImageLevels(
      format,
      levels: (0..<levels.count).map { at in
        let (pixel, channel) = at.quotientAndRemainder(dividingBy: format.channels)
        return level(Double(pixel % format.width), Double(pixel / format.width), channel)
      })
  }

  /// A new image that has at each pixel what this one has at a point, by bilinear interpolation.
  func resampled(padding: Double? = nil, _ point: (Double, Double) -> (x: Double, y: Double)) -> ImageLevels {
    map { x, y, channel in
      let source = point(x, y)
      return level(source.x, source.y, channel, padding: padding)
    }
  }

  /// A channel's level at a point, by bilinear interpolation. Outside the image it is `padding`, or that of the nearest edge
  /// if `padding` is nil.
  func level(_ x: Double, _ y: Double, _ channel: Int, padding: Double? = nil) -> Double {
    let (lastColumn, lastRow) = (Double(format.width - 1), Double(format.height - 1))
    if let padding, !(0...lastColumn).contains(x) || !(0...lastRow).contains(y) { return padding }
    let (x, y) = (max(0, min(lastColumn, x)), max(0, min(lastRow, y)))
    // The last pixel is the right one of its pair, unless it is the only one.
    let (left, top) = (min(Int(x), max(format.width - 2, 0)), min(Int(y), max(format.height - 2, 0)))
    let (right, down) = (x - Double(left), y - Double(top))
    let at = (format.width * top + left) * format.channels + channel
    let next = format.width > 1 ? format.channels : 0
    let below = format.height > 1 ? format.width * format.channels : 0
    let upper = levels[at] * (1 - right) + levels[at + next] * right
    let lower = levels[at + below] * (1 - right) + levels[at + below + next] * right
    return upper * (1 - down) + lower * down
  }
}
