import Kernels

/// One of the ways in which a test image may differ from what was trained on, to ask what a model's accuracy is worth.
///
/// Written plainly, in double precision, and apart from the augmentation of training: it shares neither its random numbers
/// nor its arithmetic, so that it is a test of it.
public struct Disturbance: Equatable, Sendable {
  /// What is disturbed, by its name on the command line. The order is part of what is drawn: new kinds go to the end.
  public enum Kind: String, CaseIterable, Sendable {
    /// Shifted by up to 2.5 pixels in either direction.
    case shifted
    /// Turned by up to 10 degrees either way about the middle.
    case rotated
    /// With normal noise of deviation 20 grey levels added.
    case noise
    /// Contrast about the image's mean changed by up to 30 %, and up to 30 % of white added or taken.
    case light
    /// Blurred by a Gaussian of deviation 1 pixel.
    case blurred
    /// Grown or shrunk by up to 15 % about the middle.
    case zoomed
    /// Shifted by up to 2.5 pixels in either direction, and black where nothing was.
    case framed
    /// Up to 20 % of white added at one side and taken at the other, across and down.
    case shaded
    /// One pixel in a hundred black, another one white.
    case specks
    /// A square of 6 x 6 pixels of one grey somewhere.
    case hidden
  }

  /// What is disturbed.
  public var kind: Kind
  /// The key of what is drawn for each row.
  public var seed: UInt64

  /// A disturbance of that kind.
  public init(_ kind: Kind, seed: UInt64) {
    self.kind = kind
    self.seed = seed
  }

  /// A row's image, 784 bytes, so disturbed; where it needs what lies outside, the edges repeat unless its kind says
  /// otherwise. Rounded and cut to bytes.
  public func image(_ pixels: [UInt8], row: Int) -> [UInt8] {
    var stream = RandomStream(seed: seed, purpose: .disturbance, epoch: kind.number, row: row)
    let image = GreyImage(pixels)
    let disturbed =
      switch kind {
      case .shifted: image.shifted(&stream)
      case .rotated: image.rotated(&stream)
      case .noise: image.noisy(&stream)
      case .light: image.lit(&stream)
      case .blurred: image.blurred()
      case .zoomed: image.zoomed(&stream)
      case .framed: image.shifted(&stream, surroundings: 0)
      case .shaded: image.shaded(&stream)
      case .specks: image.speckled(&stream)
      case .hidden: image.hidden(&stream)
      }
    return disturbed.levels.map { UInt8(max(0, min(255, $0.rounded()))) }
  }
}

extension Disturbance.Kind {
  /// The place among all kinds, from 1.
  fileprivate var number: Int { 1 + (Self.allCases.firstIndex(of: self) ?? 0) }
}

// Where things are, and how sharp.
extension GreyImage {
  /// - Parameter surroundings: the grey level outside the image; nil repeats its edges.
  fileprivate func shifted(_ stream: inout RandomStream, surroundings: Double? = nil) -> GreyImage {
    let (right, down) = (stream.between(-2.5, 2.5), stream.between(-2.5, 2.5))
    return places { x, y in level(x - right, y - down, surroundings: surroundings) }
  }

  fileprivate func rotated(_ stream: inout RandomStream) -> GreyImage {
    let (sine, cosine) = sineAndCosine(stream.between(-10, 10) * Double.pi / 180)
    return places { x, y in
      let (right, down) = (x - Self.middle, y - Self.middle)
      return level(Self.middle + cosine * right + sine * down, Self.middle - sine * right + cosine * down)
    }
  }

  fileprivate func zoomed(_ stream: inout RandomStream) -> GreyImage {
    let size = stream.between(0.85, 1.15)
    return places { x, y in
      level(Self.middle + (x - Self.middle) / size, Self.middle + (y - Self.middle) / size)
    }
  }

  /// Along the rows, then along the columns, with e^(-d² / 2) at the distances 0 to 3 as weights.
  fileprivate func blurred() -> GreyImage {
    let weights = [1, 0.6065306597126334, 0.1353352832366127, 0.0111089965382423]
    let sum = weights[0] + 2 * (weights[1] + weights[2] + weights[3])
    func blur(_ image: GreyImage, _ stepX: Double, _ stepY: Double) -> GreyImage {
      places { x, y in
        (-3...3).reduce(0.0) {
          let distance = Double($1)
          return $0 + weights[abs($1)] / sum * image.level(x + distance * stepX, y + distance * stepY)
        }
      }
    }
    return blur(blur(self, 1, 0), 0, 1)
  }
}

// What light falls on them, and what the camera adds.
extension GreyImage {
  fileprivate func noisy(_ stream: inout RandomStream) -> GreyImage {
    GreyImage(levels: levels.map { $0 + 20 * stream.normal() })
  }

  fileprivate func lit(_ stream: inout RandomStream) -> GreyImage {
    let contrast = stream.between(0.7, 1.3)
    let brightness = stream.between(-0.3, 0.3) * 255
    let mean = levels.reduce(0, +) / Double(levels.count)
    return GreyImage(levels: levels.map { (($0 - mean) * contrast + mean) + brightness })
  }

  fileprivate func shaded(_ stream: inout RandomStream) -> GreyImage {
    let (across, below) = (stream.between(-0.2, 0.2) * 255, stream.between(-0.2, 0.2) * 255)
    return places { x, y in
      level(x, y) + across * (x - Self.middle) / Self.middle + below * (y - Self.middle) / Self.middle
    }
  }

  fileprivate func speckled(_ stream: inout RandomStream) -> GreyImage {
    GreyImage(
      levels: levels.map { level in
        let uniform = stream.between(0, 1)
        return uniform < 0.01 ? 0 : uniform < 0.02 ? 255 : level
      })
  }

  fileprivate func hidden(_ stream: inout RandomStream) -> GreyImage {
    let (side, free) = (6, Self.side - 6 + 1)
    let (left, top) = (stream.nextInteger(below: free), stream.nextInteger(below: free))
    let grey = stream.between(0, 255)
    return places { x, y in
      let isHidden = (left..<left + side).contains(Int(x)) && (top..<top + side).contains(Int(y))
      return isHidden ? grey : level(x, y)
    }
  }
}

extension RandomStream {
  fileprivate mutating func between(_ low: Double, _ high: Double) -> Double {
    low + (high - low) * Double(nextUniform())
  }

  /// A normal number by Marsaglia's polar method, with our own logarithm.
  fileprivate mutating func normal() -> Double {
    while true {
      let (x, y) = (between(-1, 1), between(-1, 1))
      let square = x * x + y * y
      if square > 0, square < 1 { return x * (-2 * naturalLogarithm(square) / square).squareRoot() }
    }
  }
}
