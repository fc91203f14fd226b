import Kernels

/// How far each image may be changed each time that it is trained on. Every amount is drawn evenly from its range; 0 turns
/// the kind of change off, and then it costs nothing.
public struct AugmentationRanges: Codable, Equatable, Sendable {
  /// Rotation, in degrees either way; at most 45.
  public var rotation: Double
  /// Shift to any side, in pixels; at most 28.
  public var shift: Double
  /// Zoom, as a fraction of the size either way; below 1.
  public var zoom: Double
  /// Brightness, as a fraction of white added to or taken from all grey levels; at most 1.
  public var brightness: Double
  /// Contrast about the middle grey, as a fraction either way; at most 1.
  public var contrast: Double
  /// The largest deviation of the noise, in grey levels; at most 255.
  public var noise: Double
  /// The fraction of the images that get noise; at most 1.
  public var noiseShare: Double
  /// The largest deviation of the blur, in pixels; at most 1.
  public var blur: Double
  /// The fraction of the images that are blurred; at most 1.
  public var blurShare: Double

  /// The largest value that each range may have.
  public static let limits = AugmentationRanges(
    rotation: 45, shift: 28, zoom: 0.9, brightness: 1, contrast: 1, noise: 255, blur: 1)

  /// No change.
  public static let none = AugmentationRanges(
    rotation: 0, shift: 0, zoom: 0, brightness: 0, contrast: 0, noise: 0, blur: 0)

  /// The ranges of `--recipe best`.
  public static let best = AugmentationRanges(
    rotation: 12, shift: 3, zoom: 0.15, brightness: 0.3, contrast: 0.3, noise: 25, noiseShare: 0.5, blur: 1,
    blurShare: 0.2)

  /// A range a kind of change.
  public init(
    rotation: Double, shift: Double, zoom: Double, brightness: Double, contrast: Double, noise: Double,
    noiseShare: Double = 1, blur: Double, blurShare: Double = 1
  ) {
    self.rotation = rotation
    self.shift = shift
    self.zoom = zoom
    self.brightness = brightness
    self.contrast = contrast
    self.noise = noise
    self.noiseShare = noiseShare
    self.blur = blur
    self.blurShare = blurShare
  }

  /// The change of a row's image in an epoch: a function of these ranges and (seed, epoch, row) alone.
  ///
  /// Each kind has a random word of its own, whether or not it is on: rotation, shift to the right and down, zoom, contrast,
  /// brightness, noise, blur, in this order.
  public func change(seed: UInt64, epoch: Int, row: Int) -> ImageChange {
    var stream = RandomStream(seed: seed, purpose: .augmentation, epoch: epoch, row: row)
    /// From -range to range.
    func either(_ range: Double) -> Double { range * (2 * Double(stream.nextUniform()) - 1) }
    /// From 0 to 1 in a share of the images, 0 in the others.
    func partly(_ share: Double) -> Double {
      let uniform = Double(stream.nextUniform())
      return uniform < share ? uniform / share : 0
    }
    let angle = either(rotation * (Double.pi / 180))
    let (right, down) = (either(shift), either(shift))
    let size = 1 + either(zoom)
    var change = ImageChange()
    if rotation != 0 || shift != 0 || zoom != 0 {
      change.geometry = AffineMap(rotation: angle, zoom: size, shift: SIMD2(right, down))
    }
    change.contrast = Float(1 + either(contrast))
    change.brightness = Float(255 * either(brightness))
    change.noise = Float(noise * partly(noiseShare))
    change.blur = Float(blur * partly(blurShare))
    return change
  }

  /// Writes a row's image as it is to be trained on in an epoch: 784 bytes, from 784 bytes. Allocates nothing.
  public func augment(
    _ pixels: UnsafePointer<UInt8>, seed: UInt64, epoch: Int, row: Int, into output: UnsafeMutablePointer<UInt8>
  ) {
    augmentImage(
      pixels, change(seed: seed, epoch: epoch, row: row), RowKey(seed: seed, epoch: epoch, row: row), into: output)
  }
}
