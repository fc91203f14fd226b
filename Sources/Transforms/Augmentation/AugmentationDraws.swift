import Datasets
import Kernels

extension AugmentationRanges {
  /// The change of a row's image in an epoch: a function of these ranges and (seed, epoch, row) alone.
  ///
  /// Each number has a random word of its own, whether or not its kind of change is on, in this order: rotation, shift to the
  /// right and down, zoom, contrast, brightness, noise, blur; shaded or not, shading across and down; filled or not, the
  /// filling's gray; erased or not, width, height, middle to the right and down, and gray of what hides.
  public func change(seed: UInt64, epoch: Int, row: Int) -> ImageChange {
    var draws = Draws(stream: RandomStream(seed: seed, purpose: .augmentation, epoch: epoch, row: row))
    var change = ImageChange()
    let angle = draws.either(rotation * (Double.pi / 180))
    let (right, down) = (draws.either(shift), draws.either(shift))
    let size = 1 + draws.either(zoom)
    if rotation != 0 || shift != 0 || zoom != 0 {
      change.geometry = AffineMap(rotation: angle, zoom: size, shift: SIMD2(right, down))
    }
    change.contrast = Float(1 + draws.either(contrast))
    change.brightness = Float(255 * draws.either(brightness))
    change.noise = Float(noise * draws.partly(noiseProbability))
    change.blur = Float(blur * draws.partly(blurProbability))

    let isShaded = draws.isIn(lightingGradientProbability)
    // From the middle to the last pixel's are 13.5 pixels.
    let (across, below) = (draws.either(lightingGradient) * (255 / 13.5), draws.either(lightingGradient) * (255 / 13.5))
    if isShaded { change.lightingGradient = SIMD2(Float(across), Float(below)) }

    let isFilled = draws.isIn(constantPaddingProbability)
    let filling = draws.gray()
    if isFilled { change.padding = filling }

    let isErased = draws.isIn(randomErasingProbability) && randomErasing >= 1
    let erasing = draws.erasing(most: Int(randomErasing))
    if isErased { change.erasing = erasing }
    return change
  }
}

/// The amounts of one image's changes.
private struct Draws {
  var stream: RandomStream

  /// From 0 to 1.
  mutating func uniform() -> Double { Double(stream.nextUniform()) }

  /// From -range to range.
  mutating func either(_ range: Double) -> Double { range * (2 * uniform() - 1) }

  /// Whether this image is in a share of them.
  mutating func isIn(_ share: Double) -> Bool { uniform() < share }

  /// From 0 to 1 in a share of the images, 0 in the others.
  mutating func partly(_ share: Double) -> Double {
    let uniform = uniform()
    return uniform < share ? uniform / share : 0
  }

  /// A gray level: one in six is black, one in six white, the others lie evenly in between.
  mutating func gray() -> Float { max(0, min(255, 255 * (1.5 * stream.nextUniform() - 0.25))) }

  /// A rectangle of 1 to `most` columns and rows whose middle lies in the image.
  mutating func erasing(most: Int) -> ErasedRectangle {
    let (width, height) = (1 + Int(uniform() * Double(most)), 1 + Int(uniform() * Double(most)))
    let (x, y) = (Int(uniform() * Double(ImageTable.side)), Int(uniform() * Double(ImageTable.side)))
    return ErasedRectangle(left: x - width / 2, top: y - height / 2, width: width, height: height, gray: UInt8(gray()))
  }
}
