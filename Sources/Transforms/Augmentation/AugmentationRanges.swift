/// The ranges of data augmentation, by random transforms of each training image, drawn per data epoch. Every amount is
/// uniformly distributed over its range; 0 turns the transform off, at no cost. Amounts in pixels mean pixels of the image,
/// whatever its size: those of `best` suit images of about 28 x 28.
public struct AugmentationRanges: Codable, Equatable, Sendable {
  /// The largest rotation in either direction, in degrees; at most 45.
  public var rotation: Double
  /// The largest shift in each direction, in pixels; at most 28.
  public var shift: Double
  /// The largest zoom in or out, as a fraction of the size; below 1.
  public var zoom: Double
  /// The probability of constant padding, with a random gray level, where these three need pixels outside the image; the
  /// padding mode is replicate otherwise. At most 1.
  public var constantPaddingProbability: Double
  /// The largest change of brightness, added to or subtracted from all gray levels, as a fraction of white; at most 1.
  public var brightness: Double
  /// The largest change of contrast about the central gray level 127.5, as a fraction; at most 1.
  public var contrast: Double
  /// The largest lighting gradient: the brightness added at one edge and subtracted at the opposite one, drawn separately
  /// for left to right and for top to bottom, as a fraction of white; at most 1.
  public var lightingGradient: Double
  /// The probability of a lighting gradient; at most 1.
  public var lightingGradientProbability: Double
  /// The largest standard deviation of the noise, in gray levels; at most 255.
  public var noise: Double
  /// The probability of noise; at most 1.
  public var noiseProbability: Double
  /// The largest standard deviation of the blur, in pixels; at most 1.
  public var blur: Double
  /// The probability of blur; at most 1.
  public var blurProbability: Double
  /// The largest width and height of the rectangle of random erasing (cutout), in whole pixels; at most 28.
  public var randomErasing: Double
  /// The smallest width and height of that rectangle, in whole pixels; the largest ones where those are smaller.
  public var randomErasingMinimum: Double
  /// The probability of random erasing; at most 1.
  public var randomErasingProbability: Double

  /// The largest permitted value of each range.
  public static let limits = AugmentationRanges(
    rotation: 45, shift: 28, zoom: 0.9, constantPaddingProbability: 1, brightness: 1, contrast: 1, lightingGradient: 1,
    noise: 255, blur: 1, randomErasing: 28, randomErasingMinimum: 28)

  /// No augmentation.
  public static let none = AugmentationRanges()

  /// The ranges of the recipes `best` and `fast`.
  public static let best = AugmentationRanges(
    rotation: 12, shift: 3, zoom: 0.15, constantPaddingProbability: 0.3, brightness: 0.3, contrast: 0.3,
    lightingGradient: 0.3, lightingGradientProbability: 0.5,
    noise: 25, noiseProbability: 0.5, blur: 1, blurProbability: 0.2, randomErasing: 10, randomErasingProbability: 0.3)

  /// Ranges for some transforms; those left out are off. Probabilities left out are 1, except that of constant padding:
  /// 0. The minimum of random erasing is 1.
  public init(
    rotation: Double = 0, shift: Double = 0, zoom: Double = 0, constantPaddingProbability: Double = 0,
    brightness: Double = 0,
    contrast: Double = 0, lightingGradient: Double = 0, lightingGradientProbability: Double = 1, noise: Double = 0,
    noiseProbability: Double = 1,
    blur: Double = 0, blurProbability: Double = 1, randomErasing: Double = 0, randomErasingMinimum: Double = 1,
    randomErasingProbability: Double = 1
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
    self.randomErasingMinimum = randomErasingMinimum
    self.randomErasingProbability = randomErasingProbability
  }
}

extension AugmentationRanges {
  /// Ranges as a run folder has them. Those of before there was a minimum of random erasing have none: it was 1.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func value(_ key: CodingKeys) throws -> Double { try container.decode(Double.self, forKey: key) }
    self.init(
      rotation: try value(.rotation), shift: try value(.shift), zoom: try value(.zoom),
      constantPaddingProbability: try value(.constantPaddingProbability), brightness: try value(.brightness),
      contrast: try value(.contrast), lightingGradient: try value(.lightingGradient),
      lightingGradientProbability: try value(.lightingGradientProbability), noise: try value(.noise),
      noiseProbability: try value(.noiseProbability), blur: try value(.blur),
      blurProbability: try value(.blurProbability), randomErasing: try value(.randomErasing),
      randomErasingMinimum: try container.decodeIfPresent(Double.self, forKey: .randomErasingMinimum) ?? 1,
      randomErasingProbability: try value(.randomErasingProbability))
  }
}
