import Kernels

/// A corruption of test images, as in a corruption benchmark: one of the ways in which an image may differ from what was
/// trained on (after Hendrycks and Dietterich, "Benchmarking neural network robustness to common corruptions", ICLR 2019).
///
/// Written plainly, in double precision, and apart from the augmentation of training: they share neither random numbers nor
/// arithmetic.
public struct Corruption: Equatable, Sendable {
  /// The kind, by its name on the command line. The order is part of what is drawn: new kinds go to the end.
  public enum Kind: String, CaseIterable, Sendable {
    /// Shifted by up to 2.5 pixels in either direction.
    case shift
    /// Rotated by up to 10 degrees either way about the center.
    case rotation
    /// Gaussian noise of standard deviation 20 gray levels added.
    case noise
    /// Contrast about the image's mean changed by up to 30 %, and up to 30 % of white added or taken.
    case brightnessContrast = "brightness-contrast"
    /// Blurred by a Gaussian of standard deviation 1 pixel.
    case blur
    /// Zoomed by up to 15 % about the center.
    case zoom
    /// Shifted by up to 2.5 pixels in either direction, with zero padding.
    case zeroPaddedShift = "zero-padded-shift"
    /// Up to 20 % of white added at one side and taken at the other, across and down.
    case lightingGradient = "lighting-gradient"
    /// One pixel in a hundred black, another one white.
    case saltAndPepper = "salt-and-pepper"
    /// A square of 6 x 6 pixels in one gray level, somewhere.
    case occlusion
  }

  /// The kind.
  public var kind: Kind
  /// The seed of what is drawn for each row.
  public var seed: UInt64

  /// A corruption of that kind.
  public init(_ kind: Kind, seed: UInt64) {
    self.kind = kind
    self.seed = seed
  }

  /// A row's image, 784 bytes, so disturbed; where it needs what lies outside, the edges repeat unless its kind says
  /// otherwise. Rounded and cut to bytes.
  public func image(_ pixels: [UInt8], row: Int) -> [UInt8] {
    var stream = RandomStream(seed: seed, purpose: .corruption, epoch: kind.number, row: row)
    let image = GrayscaleImage(pixels)
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
  /// The place among all kinds, from 1.
  fileprivate var number: Int { 1 + (Self.allCases.firstIndex(of: self) ?? 0) }
}

// Geometry and sharpness.
extension GrayscaleImage {
  /// - Parameter padding: the gray level outside the image; nil replicates its edges.
  fileprivate func shifted(_ stream: inout RandomStream, padding: Double? = nil) -> GrayscaleImage {
    let (right, down) = (stream.between(-2.5, 2.5), stream.between(-2.5, 2.5))
    return map { x, y in level(x - right, y - down, padding: padding) }
  }

  fileprivate func rotated(_ stream: inout RandomStream) -> GrayscaleImage {
    let (sine, cosine) = sineAndCosine(stream.between(-10, 10) * Double.pi / 180)
    return map { x, y in
      let (right, down) = (x - Self.center, y - Self.center)
      return level(Self.center + cosine * right + sine * down, Self.center - sine * right + cosine * down)
    }
  }

  fileprivate func zoomed(_ stream: inout RandomStream) -> GrayscaleImage {
    let size = stream.between(0.85, 1.15)
    return map { x, y in
      level(Self.center + (x - Self.center) / size, Self.center + (y - Self.center) / size)
    }
  }

  /// Along the rows, then along the columns, with e^(-d² / 2) at the distances 0 to 3 as weights.
  fileprivate func blurred() -> GrayscaleImage {
    let weights = [1, 0.6065306597126334, 0.1353352832366127, 0.0111089965382423]
    let sum = weights[0] + 2 * (weights[1] + weights[2] + weights[3])
    func blur(_ image: GrayscaleImage, _ stepX: Double, _ stepY: Double) -> GrayscaleImage {
      map { x, y in
        (-3...3).reduce(0.0) {
          let distance = Double($1)
          return $0 + weights[abs($1)] / sum * image.level(x + distance * stepX, y + distance * stepY)
        }
      }
    }
    return blur(blur(self, 1, 0), 0, 1)
  }
}

// Lighting, noise and occlusion.
extension GrayscaleImage {
  fileprivate func noisy(_ stream: inout RandomStream) -> GrayscaleImage {
    GrayscaleImage(levels: levels.map { $0 + 20 * stream.nextNormal() })
  }

  fileprivate func jittered(_ stream: inout RandomStream) -> GrayscaleImage {
    let contrast = stream.between(0.7, 1.3)
    let brightness = stream.between(-0.3, 0.3) * 255
    let mean = levels.reduce(0, +) / Double(levels.count)
    return GrayscaleImage(levels: levels.map { (($0 - mean) * contrast + mean) + brightness })
  }

  fileprivate func withLightingGradient(_ stream: inout RandomStream) -> GrayscaleImage {
    let (across, below) = (stream.between(-0.2, 0.2) * 255, stream.between(-0.2, 0.2) * 255)
    return map { x, y in
      level(x, y) + across * (x - Self.center) / Self.center + below * (y - Self.center) / Self.center
    }
  }

  fileprivate func saltedAndPeppered(_ stream: inout RandomStream) -> GrayscaleImage {
    GrayscaleImage(
      levels: levels.map { level in
        let uniform = stream.between(0, 1)
        return uniform < 0.01 ? 0 : uniform < 0.02 ? 255 : level
      })
  }

  fileprivate func occluded(_ stream: inout RandomStream) -> GrayscaleImage {
    let (side, free) = (6, Self.side - 6 + 1)
    let (left, top) = (stream.nextInteger(below: free), stream.nextInteger(below: free))
    let gray = stream.between(0, 255)
    return map { x, y in
      let isOccluded = (left..<left + side).contains(Int(x)) && (top..<top + side).contains(Int(y))
      return isOccluded ? gray : level(x, y)
    }
  }
}

extension RandomStream {
  fileprivate mutating func between(_ low: Double, _ high: Double) -> Double {
    low + (high - low) * Double(nextUniform())
  }
}

extension RandomPurpose {
  /// The corruptions of test images; the "epoch" is the kind of corruption.
  package static var corruption: RandomPurpose { RandomPurpose(number: 8) }
}
