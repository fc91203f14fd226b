import Datasets
import Kernels

extension AugmentationRanges {
  /// The transforms of a row's image in a data epoch: a pure function of these ranges, the image's format, and (seed,
  /// epoch, row).
  ///
  /// Each value uses a random word of its own, even if its transform is off, in this order: rotation, shift to the right
  /// and down, zoom, contrast, brightness, noise, blur; whether there is a lighting gradient, its slope across and down;
  /// whether padding is constant, its gray level; whether random erasing applies, and the rectangle's width, height,
  /// center column, center row and gray level.
  public func change(seed: UInt64, epoch: Int, row: Int, format: ImageFormat) -> ImageChange {
    var draws = Draws(RowKey(seed: seed, epoch: epoch, row: row))
    var change = ImageChange()
    let angle = draws.symmetric(rotation * (Double.pi / 180))
    let (right, down) = (draws.symmetric(shift), draws.symmetric(shift))
    let size = 1 + draws.symmetric(zoom)
    if rotation != 0 || shift != 0 || zoom != 0 {
      change.geometry = AffineMap(rotation: angle, zoom: size, shift: SIMD2(right, down), in: ImageShape(format))
    }
    change.contrast = Float(1 + draws.symmetric(contrast))
    change.brightness = Float(255 * draws.symmetric(brightness))
    change.noise = Float(noise * draws.amount(noiseProbability))
    change.blur = Float(blur * draws.amount(blurProbability))

    let hasLightingGradient = draws.happens(lightingGradientProbability)
    let (across, below) = (
      draws.symmetric(lightingGradient) * perPixel(format.width),
      draws.symmetric(lightingGradient) * perPixel(format.height)
    )
    if hasLightingGradient { change.lightingGradient = SIMD2(Float(across), Float(below)) }

    let hasConstantPadding = draws.happens(constantPaddingProbability)
    let padding = draws.gray()
    if hasConstantPadding { change.padding = padding }

    let hasCutout = draws.happens(randomErasingProbability) && randomErasing >= 1
    let cutout = draws.cutout(from: Int(randomErasingMinimum), to: Int(randomErasing), in: format)
    if hasCutout { change.cutout = cutout }
    return change
  }

  /// The gray levels a pixel that reach white at the outermost pixels, from the center; 0 where there is only one.
  private func perPixel(_ side: Int) -> Double { side > 1 ? 255 / (Double(side - 1) / 2) : 0 }
}

/// The random values of one image's transforms.
private struct Draws {
  private let uniforms: FirstUniforms
  private var next = 0

  init(_ key: RowKey) { uniforms = FirstUniforms(key, .augmentation) }

  /// Uniformly distributed in [0, 1), a multiple of 2^-24.
  @inline(__always)
  private mutating func single() -> Float {
    defer { next &+= 1 }
    return uniforms[next]
  }

  /// Uniformly distributed in [0, 1).
  @inline(__always)
  mutating func uniform() -> Double { Double(single()) }

  /// Uniformly distributed from -range to range.
  @inline(__always)
  mutating func symmetric(_ range: Double) -> Double { range * (2 * uniform() - 1) }

  /// True with this probability.
  @inline(__always)
  mutating func happens(_ probability: Double) -> Bool { uniform() < probability }

  /// Uniformly distributed in [0, 1) with this probability, else 0.
  @inline(__always)
  mutating func amount(_ probability: Double) -> Double {
    let uniform = uniform()
    return uniform < probability ? uniform / probability : 0
  }

  /// A gray level: black and white with a probability of 1/6 each, else uniformly distributed between them.
  @inline(__always)
  mutating func gray() -> Float { max(0, min(255, 255 * (1.5 * single() - 0.25))) }

  /// A rectangle of `smallest` to `largest` columns and rows, with its center in the image.
  @inline(__always)
  mutating func cutout(from smallest: Int, to largest: Int, in format: ImageFormat) -> Cutout {
    let least = min(max(smallest, 1), max(largest, 1))
    let sides = Double(largest - least + 1)
    let (width, height) = (least + Int(uniform() * sides), least + Int(uniform() * sides))
    let (x, y) = (Int(uniform() * Double(format.width)), Int(uniform() * Double(format.height)))
    return Cutout(left: x - width / 2, top: y - height / 2, width: width, height: height, gray: UInt8(gray()))
  }
}
