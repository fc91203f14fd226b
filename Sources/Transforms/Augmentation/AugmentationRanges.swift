import Kernels

/// How far each image may be changed each time that it is trained on. Every amount is drawn uniformly from its range; 0 turns
/// the kind of change off, and then it costs nothing.
public struct AugmentationRanges: Codable, Equatable, Sendable {
  /// Rotation, in degrees either way; at most 45.
  public var rotation: Double
  /// Shift to any side, in pixels; at most 28.
  public var shift: Double
  /// Zoom, as a fraction of the size either way; below 1.
  public var zoom: Double
  /// The fraction of the images around which all is one gray level when these three look beyond their edges; around the
  /// others the edges repeat. At most 1.
  public var constantPaddingProbability: Double
  /// Brightness, as a fraction of white added to or taken from all gray levels; at most 1.
  public var brightness: Double
  /// Contrast about the middle gray, as a fraction either way; at most 1.
  public var contrast: Double
  /// Shading: the most that is added or taken at the left edge (and the other way at the right), and as much again from top
  /// to bottom, as a fraction of white; at most 1.
  public var lightingGradient: Double
  /// The fraction of the images that are shaded; at most 1.
  public var lightingGradientProbability: Double
  /// The largest standard deviation of the noise, in gray levels; at most 255.
  public var noise: Double
  /// The fraction of the images that get noise; at most 1.
  public var noiseProbability: Double
  /// The largest standard deviation of the blur, in pixels; at most 1.
  public var blur: Double
  /// The fraction of the images that are blurred; at most 1.
  public var blurProbability: Double
  /// The most columns and the most rows of a rectangle that hides a part of the image, in whole pixels; at most 28.
  public var randomErasing: Double
  /// The fraction of the images of which a part is hidden; at most 1.
  public var randomErasingProbability: Double

  /// The largest value that each range may have.
  public static let limits = AugmentationRanges(
    rotation: 45, shift: 28, zoom: 0.9, constantPaddingProbability: 1, brightness: 1, contrast: 1, lightingGradient: 1,
    noise: 255, blur: 1,
    randomErasing: 28)

  /// No change.
  public static let none = AugmentationRanges()

  /// The ranges of `--recipe best`.
  public static let best = AugmentationRanges(
    rotation: 12, shift: 3, zoom: 0.15, constantPaddingProbability: 0.3, brightness: 0.3, contrast: 0.3,
    lightingGradient: 0.3, lightingGradientProbability: 0.5,
    noise: 25, noiseProbability: 0.5, blur: 1, blurProbability: 0.2, randomErasing: 10, randomErasingProbability: 0.3)

  /// A range a kind of change; what is left out is off, or in all images.
  public init(
    rotation: Double = 0, shift: Double = 0, zoom: Double = 0, constantPaddingProbability: Double = 0,
    brightness: Double = 0,
    contrast: Double = 0, lightingGradient: Double = 0, lightingGradientProbability: Double = 1, noise: Double = 0,
    noiseProbability: Double = 1,
    blur: Double = 0, blurProbability: Double = 1, randomErasing: Double = 0, randomErasingProbability: Double = 1
  ) {
    self.rotation = rotation
    self.shift = shift
    self.zoom = zoom
    self.constantPaddingProbability = constantPaddingProbability
    self.brightness = brightness
    self.contrast = contrast
    self.lightingGradient = lightingGradient
    self.lightingGradientProbability = lightingGradientProbability
    self.noise = noise
    self.noiseProbability = noiseProbability
    self.blur = blur
    self.blurProbability = blurProbability
    self.randomErasing = randomErasing
    self.randomErasingProbability = randomErasingProbability
  }

  /// Writes a row's image as it is to be trained on in an epoch: 784 bytes, from 784 bytes. Allocates nothing.
  public func augment(
    _ pixels: UnsafePointer<UInt8>, seed: UInt64, epoch: Int, row: Int, into output: UnsafeMutablePointer<UInt8>
  ) {
    augmentImage(
      pixels, change(seed: seed, epoch: epoch, row: row), RowKey(seed: seed, epoch: epoch, row: row), into: output)
  }
}
