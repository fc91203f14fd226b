extension ReferenceKernels {
  /// The coefficients of u = ux x + uy y + u0 and v = vx x + vy y + v0.
  public typealias Map = (ux: Float, uy: Float, u0: Float, vx: Float, vy: Float, v0: Float)

  /// The gray level of `image` (28 x 28) at (u, v), which are first brought into the image: bilinear, along the rows first.
  public static func interpolate(_ image: [Float], _ u: Float, _ v: Float) -> Float {
    let u = max(0, min(27, u)), v = max(0, min(27, v))
    let left = Int(u), top = Int(v)
    let right = min(left + 1, 27), bottom = min(top + 1, 27)
    func along(_ row: Int) -> Float {
      let (a, b) = (image[28 * row + left], image[28 * row + right])
      return a.addingProduct(u - Float(left), b - a)
    }
    let (a, b) = (along(top), along(bottom))
    return a.addingProduct(v - Float(top), b - a)
  }

  /// The image that has at (x, y) what `image` has at the place that `map` gives, or `padding` where that is outside.
  public static func resample(_ image: [Float], _ map: Map, padding: Float?) -> [Float] {
    (0..<784).map { i in
      let (x, y) = (Float(i % 28), Float(i / 28))
      let u = map.u0.addingProduct(y, map.uy).addingProduct(x, map.ux)
      let v = map.v0.addingProduct(y, map.vy).addingProduct(x, map.vx)
      let isInside = (0...27).contains(u) && (0...27).contains(v)
      return isInside ? interpolate(image, u, v) : padding ?? interpolate(image, u, v)
    }
  }

  /// The slope's gray levels for each pixel to the right of the middle and below it, added.
  public static func lightingGradient(_ image: [Float], _ slope: SIMD2<Float>) -> [Float] {
    image.enumerated().map { i, value in
      value.addingProduct(Float(i % 28) - 13.5, slope.x).addingProduct(Float(i / 28) - 13.5, slope.y)
    }
  }

  /// A rectangle: its first column and row, its columns and rows, and the gray level that fills it.
  public typealias Rectangle = (left: Int, top: Int, width: Int, height: Int, gray: UInt8)

  /// The image with that rectangle filled.
  public static func randomErasing(_ image: [UInt8], _ filled: Rectangle) -> [UInt8] {
    image.enumerated().map { i, value in
      let (column, row) = (i % 28 - filled.left, i / 28 - filled.top)
      return (0..<filled.width).contains(column) && (0..<filled.height).contains(row) ? filled.gray : value
    }
  }

  /// The five-point means of the columns, then of the rows, with replicate padding.
  public static func blur(_ image: [Float], sigma: Float) -> [Float] {
    let a = sigma * sigma / 4
    let b = 1 - 2 * a
    func mean(_ values: [Float], _ stride: Int, _ i: Int, _ index: Int) -> Float {
      func neighbour(_ steps: Int) -> Float { values[i + stride * (max(0, min(27, index + steps)) - index)] }
      return (values[i] * (b * b + 2 * (a * a))).addingProduct(neighbour(-1) + neighbour(1), 2 * a * b)
        .addingProduct(neighbour(-2) + neighbour(2), a * a)
    }
    let columns = (0..<784).map { mean(image, 28, $0, $0 / 28) }
    return (0..<784).map { mean(columns, 1, $0, $0 % 28) }
  }

  /// The sum of the four nibbles that are a pixel's noise.
  public static func noise(seed: UInt64, epoch: Int, row: Int, pixel: Int) -> Int {
    let (group, half, word, r) = (pixel / 128, pixel % 128 / 64, pixel % 64 / 16, pixel % 16)
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

  /// All changes of an image of bytes, in order.
  public static func augment(_ image: [UInt8], _ change: Change, seed: UInt64, epoch: Int, row: Int) -> [UInt8] {
    var gray = image.map { Float($0) }
    if let map = change.map { gray = resample(gray, map, padding: change.padding) }
    if change.blur > 0 { gray = blur(gray, sigma: change.blur) }
    if change.slope != SIMD2() { gray = lightingGradient(gray, change.slope) }
    let base = (1 - change.contrast) * 127.5 + change.brightness
    let unit = change.noise / 9.219544
    let bytes = gray.enumerated().map { i, value in
      var value = (base - 30 * unit).addingProduct(value, change.contrast)
      if change.noise > 0 {
        value = value.addingProduct(Float(noise(seed: seed, epoch: epoch, row: row, pixel: i)), unit)
      }
      return UInt8(max(0, min(255, value)) + 0.5)
    }
    return change.cutout.map { randomErasing(bytes, $0) } ?? bytes
  }

  /// (pixel - mean) / standard deviation, the standard deviation being at least 1/28.
  public static func standardize(_ image: [UInt8]) -> [Float] {
    let sum = image.reduce(0) { $0 + Int($1) }
    let squares = image.reduce(0) { $0 + Int($1) * Int($1) }
    let sigma = max(Double(784 * squares - sum * sum).squareRoot() / 784, 1.0 / 28)
    return image.map { Float(-Double(sum) / 784 / sigma).addingProduct(Float($0), Float(1 / sigma)) }
  }
}
