import Datasets
import Kernels

/// A corruption of test images, for a corruption benchmark of robustness to distribution shift (after Hendrycks and
/// Dietterich, "Benchmarking neural network robustness to common corruptions", ICLR 2019).
///
/// Amounts in pixels mean pixels of the image, whatever its size. All channels of an image are corrupted alike, apart from the
/// noise, which is drawn for each.
///
/// Implemented plainly, in double precision, and independently of the augmentation in training: they share neither random
/// numbers nor arithmetic.
public struct Corruption: Equatable, Sendable {
  /// The kinds of corruption. Their order is part of the random streams: add new kinds at the end.
  public enum Kind: String, CaseIterable, Sendable {
    /// Shifted by up to 2.5 pixels in either direction.
    case shift
    /// Rotated by up to 10 degrees either way about the center.
    case rotation
    /// Gaussian noise with a standard deviation of 20 gray levels.
    case noise
    /// Contrast about the image's mean changed by up to 30 %, and brightness by up to 30 % of white.
    case brightnessContrast = "brightness-contrast"
    /// Blurred by a Gaussian with a standard deviation of 1 pixel.
    case blur
    /// Zoomed by up to 15 % about the center.
    case zoom
    /// Shifted by up to 2.5 pixels in either direction, with zero padding.
    case zeroPaddedShift = "zero-padded-shift"
    /// Up to 20 % of white added at one edge and subtracted at the opposite one, horizontally and vertically.
    case lightingGradient = "lighting-gradient"
    /// 1 % of the pixels black, 1 % white.
    case saltAndPepper = "salt-and-pepper"
    /// A square of 6 x 6 pixels in one gray level, at a random position; of fewer where the image has fewer.
    case occlusion
  }

  /// The kind of corruption.
  public var kind: Kind
  /// The seed of the random numbers; each row has its own stream.
  public var seed: UInt64

  /// A corruption of this kind, with this seed.
  public init(_ kind: Kind, seed: UInt64) {
    self.kind = kind
    self.seed = seed
  }

  /// Corrupts a row's image: reads and returns the bytes of an image of `format`, rounded and clamped. The padding mode is
  /// replicate, except for `zeroPaddedShift`.
  public func image(_ pixels: [UInt8], format: ImageFormat, row: Int) -> [UInt8] {
    var stream = RandomStream(seed: seed, purpose: .corruption, epoch: kind.number, row: row)
    let image = ImageLevels(pixels, format)
    let corrupted =
      switch kind {
      case .shift: image.shifted(&stream)
      case .rotation: image.rotated(&stream)
      case .noise: image.noisy(&stream)
      case .brightnessContrast: image.jittered(&stream)
      case .blur: image.blurred()
      case .zoom: image.zoomed(&stream)
      case .zeroPaddedShift: image.shifted(&stream, padding: 0)
      case .lightingGradient: image.withLightingGradient(&stream)
      case .saltAndPepper: image.saltedAndPeppered(&stream)
      case .occlusion: image.occluded(&stream)
      }
    return corrupted.levels.map { UInt8(max(0, min(255, $0.rounded()))) }
  }
}

extension Corruption.Kind {
  /// The position among all kinds, from 1.
  fileprivate var number: Int { 1 + (Self.allCases.firstIndex(of: self) ?? 0) }
}

// Geometry and blur.
extension ImageLevels {
  /// - Parameter padding: the gray level outside the image; nil replicates its edges.
  fileprivate func shifted(_ stream: inout RandomStream, padding: Double? = nil) -> ImageLevels {
    let (right, down) = (stream.between(-2.5, 2.5), stream.between(-2.5, 2.5))
    return resampled(padding: padding) { x, y in (x - right, y - down) }
  }

  fileprivate func rotated(_ stream: inout RandomStream) -> ImageLevels {
    let (sine, cosine) = sineAndCosine(stream.between(-10, 10) * Double.pi / 180)
    let center = center
    return resampled { x, y in
      let (right, down) = (x - center.x, y - center.y)
      return (center.x + cosine * right + sine * down, center.y - sine * right + cosine * down)
    }
  }

  fileprivate func zoomed(_ stream: inout RandomStream) -> ImageLevels {
    let size = stream.between(0.85, 1.15)
    let center = center
    return resampled { x, y in (center.x + (x - center.x) / size, center.y + (y - center.y) / size) }
  }

  /// A separable Gaussian filter of 7 taps, with weights e^(-d² / 2) at distances d from 0 to 3.
  fileprivate func blurred() -> ImageLevels {
    let weights = [1, 0.6065306597126334, 0.1353352832366127, 0.0111089965382423]
    let sum = weights[0] + 2 * (weights[1] + weights[2] + weights[3])
    func blur(_ image: ImageLevels, _ stepX: Double, _ stepY: Double) -> ImageLevels {
      map { x, y, channel in
        (-3...3).reduce(0.0) {
          let distance = Double($1)
          return $0 + weights[abs($1)] / sum * image.level(x + distance * stepX, y + distance * stepY, channel)
        }
      }
    }
    return blur(blur(self, 1, 0), 0, 1)
  }
}

// Lighting, noise and occlusion.
extension ImageLevels {
  fileprivate func noisy(_ stream: inout RandomStream) -> ImageLevels {
    ImageLevels(format, levels: levels.map { $0 + 20 * stream.nextNormal() })
  }

  fileprivate func jittered(_ stream: inout RandomStream) -> ImageLevels {
    let contrast = stream.between(0.7, 1.3)
    let brightness = stream.between(-0.3, 0.3) * 255
    let mean = levels.reduce(0, +) / Double(levels.count)
    return ImageLevels(format, levels: levels.map { (($0 - mean) * contrast + mean) + brightness })
  }

  fileprivate func withLightingGradient(_ stream: inout RandomStream) -> ImageLevels {
    let (across, below) = (stream.between(-0.2, 0.2) * 255, stream.between(-0.2, 0.2) * 255)
    let center = center
    /// From -1 at one edge to 1 at the other; 0 where there is only one pixel.
    func place(_ at: Double, _ amount: Double, _ center: Double) -> Double {
      center > 0 ? amount * (at - center) / center : 0
    }
    return map { x, y, channel in
      level(x, y, channel) + place(x, across, center.x) + place(y, below, center.y)
    }
  }

  fileprivate func saltedAndPeppered(_ stream: inout RandomStream) -> ImageLevels {
    var salted = levels
    for pixel in stride(from: 0, to: levels.count, by: format.channels) {
      let uniform = stream.between(0, 1)
      guard uniform < 0.02 else { continue }
      for at in pixel..<pixel + format.channels { salted[at] = uniform < 0.01 ? 0 : 255 }
    }
    return ImageLevels(format, levels: salted)
  }

  fileprivate func occluded(_ stream: inout RandomStream) -> ImageLevels {
    let (width, height) = (min(6, format.width), min(6, format.height))
    let left = stream.nextInteger(below: format.width - width + 1)
    let top = stream.nextInteger(below: format.height - height + 1)
    let gray = stream.between(0, 255)
    return map { x, y, channel in
      let isOccluded = (left..<left + width).contains(Int(x)) && (top..<top + height).contains(Int(y))
      return isOccluded ? gray : level(x, y, channel)
    }
  }
}

extension RandomStream {
  fileprivate mutating func between(_ low: Double, _ high: Double) -> Double {
    low + (high - low) * Double(nextUniform())
  }
}

extension RandomPurpose {
  /// The corruptions of test images; the "epoch" is the kind's number.
  package static var corruption: RandomPurpose { RandomPurpose(number: 8) }
}
