extension ReferenceKernels {
  /// The coefficients of u = ux x + uy y + u0 and v = vx x + vy y + v0.
  public typealias Map = (ux: Float, uy: Float, u0: Float, vx: Float, vy: Float, v0: Float)

  /// Rows, columns, and bytes of a pixel.
  public struct ImageSize: Sendable {
    public var height: Int, width: Int, channels: Int

    /// A size; of gray images, if nothing else is said.
    public init(height: Int, width: Int, channels: Int = 1) {
      (self.height, self.width, self.channels) = (height, width, channels)
    }

    /// The pixels, each with its column and row.
    var places: [(x: Int, y: Int)] { (0..<height).flatMap { y in (0..<width).map { (x: $0, y: y) } } }
  }

  /// The gray level of `image` at (u, v), which are first brought into the image: bilinear, along the rows first.
  public static func interpolate(_ image: [Float], _ size: ImageSize, _ u: Float, _ v: Float) -> Float {
    let u = max(0, min(Float(size.width - 1), u)), v = max(0, min(Float(size.height - 1), v))
    let left = Int(u), top = Int(v)
    let right = min(left + 1, size.width - 1), bottom = min(top + 1, size.height - 1)
    func along(_ row: Int) -> Float {
      let (a, b) = (image[size.width * row + left], image[size.width * row + right])
      return a.addingProduct(u - Float(left), b - a)
    }
    let (a, b) = (along(top), along(bottom))
    return a.addingProduct(v - Float(top), b - a)
  }

  /// The image that has at (x, y) what `image` has at the place that `map` gives, or `padding` where that is outside.
  public static func resample(_ image: [Float], _ size: ImageSize, _ map: Map, padding: Float?) -> [Float] {
    size.places.map { x, y in
      let u = map.u0.addingProduct(Float(y), map.uy).addingProduct(Float(x), map.ux)
      let v = map.v0.addingProduct(Float(y), map.vy).addingProduct(Float(x), map.vx)
      let isInside = (0...Float(size.width - 1)).contains(u) && (0...Float(size.height - 1)).contains(v)
      return isInside ? interpolate(image, size, u, v) : padding ?? interpolate(image, size, u, v)
    }
  }

  /// The slope's gray levels for each pixel to the right of the middle and below it, added.
  public static func lightingGradient(_ image: [Float], _ size: ImageSize, _ slope: SIMD2<Float>) -> [Float] {
    zip(image, size.places).map { value, place in
      value.addingProduct(Float(place.x) - Float(size.width - 1) / 2, slope.x)
        .addingProduct(Float(place.y) - Float(size.height - 1) / 2, slope.y)
    }
  }

  /// A rectangle: its first column and row, its columns and rows, and the gray level that fills it.
  public typealias Rectangle = (left: Int, top: Int, width: Int, height: Int, gray: UInt8)

  /// The image with that rectangle filled.
  public static func randomErasing(_ image: [UInt8], _ size: ImageSize, _ filled: Rectangle) -> [UInt8] {
    image.enumerated().map { i, value in
      let (column, row) = (i / size.channels % size.width - filled.left, i / size.channels / size.width - filled.top)
      return (0..<filled.width).contains(column) && (0..<filled.height).contains(row) ? filled.gray : value
    }
  }

  /// The five-point means of the columns, then of the rows, with replicate padding.
  public static func blur(_ image: [Float], _ size: ImageSize, sigma: Float) -> [Float] {
    let a = sigma * sigma / 4
    let b = 1 - 2 * a
    func mean(_ value: (Int) -> Float) -> Float {
      (value(0) * (b * b + 2 * (a * a))).addingProduct(value(-1) + value(1), 2 * a * b)
        .addingProduct(value(-2) + value(2), a * a)
    }
    let columns = size.places.map { x, y in
      mean { image[size.width * max(0, min(size.height - 1, y + $0)) + x] }
    }
    return size.places.map { x, y in
      mean { columns[size.width * y + max(0, min(size.width - 1, x + $0))] }
    }
  }

  /// The sum of the four nibbles that are a pixel's noise. A channel begins `firstGroup` groups of 128 pixels after the first one.
  public static func noise(seed: UInt64, epoch: Int, row: Int, firstGroup: Int, pixel: Int) -> Int {
    let (group, half, word, r) = (firstGroup + pixel / 128, pixel % 128 / 64, pixel % 64 / 16, pixel % 16)
    let block = UInt32(16 + 16 * group + r / 2 + (r % 2 == 0 ? 0 : 8))
    let key = [UInt32(truncatingIfNeeded: seed), UInt32(seed >> 32)]
    let bits = philox(counter: [block, UInt32(row), UInt32(epoch), 6], key: key)[word] >> UInt32(16 * half)
    return (0..<4).reduce(0) { $0 + Int(bits >> UInt32(4 * $1) & 15) }
  }

  /// What changes of an image; `blur` and `noise` are standard deviations.
  public struct Change: Sendable {
    /// Where pixels come from, the gray level of constant padding (nil: replicate), and the cutout (random erasing), which comes
    /// last.
    public var map: Map?, padding: Float?, cutout: Rectangle?
    /// Standard deviations in pixels and gray levels, and photometric jitter.
    public var blur: Float = 0, noise: Float = 0, contrast: Float = 1, brightness: Float = 0
    /// The gray levels that are added for each pixel to the right and down.
    public var slope = SIMD2<Float>()

    /// No change.
    public init() {}
  }

  /// All changes of an image of bytes, in order: channel by channel, and at last the cutout.
  public static func augment(
    _ image: [UInt8], _ size: ImageSize, _ change: Change, seed: UInt64, epoch: Int, row: Int
  ) -> [UInt8] {
    var bytes = image
    for channel in 0..<size.channels {
      let places = stride(from: channel, to: image.count, by: size.channels)
      let groups = channel * ((size.height * size.width + 127) / 128)
      let changed = augment(places.map { Float(image[$0]) }, size, change) {
        noise(seed: seed, epoch: epoch, row: row, firstGroup: groups, pixel: $0)
      }
      for (place, value) in zip(places, changed) { bytes[place] = value }
    }
    return change.cutout.map { randomErasing(bytes, size, $0) } ?? bytes
  }

  /// All changes of one channel, apart from the cutout.
  private static func augment(
    _ channel: [Float], _ size: ImageSize, _ change: Change, noise: (Int) -> Int
  ) -> [UInt8] {
    var gray = channel
    if let map = change.map { gray = resample(gray, size, map, padding: change.padding) }
    if change.blur > 0 { gray = blur(gray, size, sigma: change.blur) }
    if change.slope != SIMD2() { gray = lightingGradient(gray, size, change.slope) }
    let base = (1 - change.contrast) * 127.5 + change.brightness
    let unit = change.noise / 9.219544
    return gray.enumerated().map { i, value in
      var value = (base - 30 * unit).addingProduct(value, change.contrast)
      if change.noise > 0 { value = value.addingProduct(Float(noise(i)), unit) }
      return UInt8(max(0, min(255, value)) + 0.5)
    }
  }

  /// (pixel - mean) / standard deviation, the standard deviation being at least 1 / √count.
  public static func standardize(_ image: [UInt8]) -> [Float] {
    let count = image.count
    let sum = image.reduce(0) { $0 + Int($1) }
    let squares = image.reduce(0) { $0 + Int($1) * Int($1) }
    let sigma = max(Double(count * squares - sum * sum), Double(count)).squareRoot() / Double(count)
    return image.map { Float(-Double(sum) / Double(count) / sigma).addingProduct(Float($0), Float(1 / sigma)) }
  }
}
