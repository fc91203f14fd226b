extension ReferenceKernels {
  /// The coefficients of u = ux x + uy y + u0 and v = vx x + vy y + v0.
  public typealias Map = (ux: Float, uy: Float, u0: Float, vx: Float, vy: Float, v0: Float)

  /// The grey level of `image` (28 x 28) at (u, v), which are first brought into the image: bilinear, along the rows first.
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

  /// The image that has at (x, y) what `image` has at the place that `map` gives.
  public static func resample(_ image: [Float], _ map: Map) -> [Float] {
    (0..<784).map { i in
      let (x, y) = (Float(i % 28), Float(i / 28))
      return interpolate(
        image, map.u0.addingProduct(y, map.uy).addingProduct(x, map.ux),
        map.v0.addingProduct(y, map.vy).addingProduct(x, map.vx))
    }
  }

  /// The five-point means of the columns, then of the rows. The edges repeat.
  public static func blur(_ image: [Float], deviation: Float) -> [Float] {
    let a = deviation * deviation / 4
    let b = 1 - 2 * a
    func mean(_ values: [Float], _ stride: Int, _ i: Int, _ place: Int) -> Float {
      func neighbour(_ steps: Int) -> Float { values[i + stride * (max(0, min(27, place + steps)) - place)] }
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

  /// All changes of an image of bytes, in order; `noise` is its deviation.
  public static func augment(
    _ image: [UInt8], map: Map?, blur deviation: Float, contrast: Float, brightness: Float, noise: Float, seed: UInt64,
    epoch: Int, row: Int
  ) -> [UInt8] {
    var grey = image.map { Float($0) }
    if let map { grey = resample(grey, map) }
    if deviation > 0 { grey = blur(grey, deviation: deviation) }
    let base = (1 - contrast) * 127.5 + brightness
    let unit = noise / 9.219544
    return grey.enumerated().map { i, value in
      var value = (base - 30 * unit).addingProduct(value, contrast)
      if noise > 0 {
        value = value.addingProduct(Float(Self.noise(seed: seed, epoch: epoch, row: row, pixel: i)), unit)
      }
      return UInt8(max(0, min(255, value)) + 0.5)
    }
  }

  /// (pixel - mean) / deviation, the deviation being at least 1/28.
  public static func standardize(_ image: [UInt8]) -> [Float] {
    let sum = image.reduce(0) { $0 + Int($1) }
    let squares = image.reduce(0) { $0 + Int($1) * Int($1) }
    let deviation = max(Double(784 * squares - sum * sum).squareRoot() / 784, 1.0 / 28)
    return image.map { Float(-Double(sum) / 784 / deviation).addingProduct(Float($0), Float(1 / deviation)) }
  }
}
