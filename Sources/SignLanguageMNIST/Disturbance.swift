import Kernels

/// One of the ways in which a test image may differ from what was trained on, to ask what a model's accuracy is worth.
///
/// Written plainly, in double precision, and apart from the augmentation of training: it shares neither its random numbers
/// nor its arithmetic, so that it is a test of it.
public struct Disturbance: Equatable, Sendable {
  /// What is disturbed.
  public enum Kind: Int, CaseIterable, Sendable {
    /// Shifted by up to 2.5 pixels in either direction.
    case shifted = 1
    /// Turned by up to 10 degrees either way about the middle.
    case rotated
    /// With normal noise of deviation 20 grey levels added.
    case noise
    /// Contrast about the image's mean changed by up to 30 %, and up to 30 % of white added or taken.
    case light
    /// Blurred by a Gaussian of deviation 1 pixel.
    case blurred
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

  /// A row's image, 784 bytes, so disturbed; where it needs what lies outside, the edges repeat. Rounded and cut to bytes.
  public func image(_ pixels: [UInt8], row: Int) -> [UInt8] {
    var stream = RandomStream(seed: seed, purpose: .disturbance, epoch: kind.rawValue, row: row)
    let grey = pixels.map { Double($0) }
    let disturbed =
      switch kind {
      case .shifted: Self.shifted(grey, &stream)
      case .rotated: Self.rotated(grey, &stream)
      case .noise: grey.map { $0 + 20 * Self.normal(&stream) }
      case .light: Self.lit(grey, &stream)
      case .blurred: Self.blurred(grey)
      }
    return disturbed.map { UInt8(max(0, min(255, $0.rounded()))) }
  }

  private static let side = ImageTable.side

  private static func shifted(_ grey: [Double], _ stream: inout RandomStream) -> [Double] {
    let (right, down) = (between(-2.5, 2.5, &stream), between(-2.5, 2.5, &stream))
    return places { x, y in level(grey, x - right, y - down) }
  }

  private static func rotated(_ grey: [Double], _ stream: inout RandomStream) -> [Double] {
    let (sine, cosine) = sineAndCosine(between(-10, 10, &stream) * Double.pi / 180)
    let middle = Double(side - 1) / 2
    return places { x, y in
      let (right, down) = (x - middle, y - middle)
      return level(grey, middle + cosine * right + sine * down, middle - sine * right + cosine * down)
    }
  }

  private static func lit(_ grey: [Double], _ stream: inout RandomStream) -> [Double] {
    let contrast = between(0.7, 1.3, &stream)
    let brightness = between(-0.3, 0.3, &stream) * 255
    let mean = grey.reduce(0, +) / Double(grey.count)
    return grey.map { (($0 - mean) * contrast + mean) + brightness }
  }

  /// Along the rows, then along the columns, with e^(-d² / 2) at the distances 0 to 3 as weights.
  private static func blurred(_ grey: [Double]) -> [Double] {
    let weights = [1, 0.6065306597126334, 0.1353352832366127, 0.0111089965382423]
    let sum = weights[0] + 2 * (weights[1] + weights[2] + weights[3])
    func blur(_ image: [Double], _ stepX: Double, _ stepY: Double) -> [Double] {
      places { x, y in
        (-3...3).reduce(0.0) {
          let distance = Double($1)
          return $0 + weights[abs($1)] / sum * level(image, x + distance * stepX, y + distance * stepY)
        }
      }
    }
    return blur(blur(grey, 1, 0), 0, 1)
  }

  private static func places(_ value: (Double, Double) -> Double) -> [Double] {
    (0..<side * side).map { value(Double($0 % side), Double($0 / side)) }
  }

  /// The grey level at a place, which is brought into the image, by bilinear interpolation.
  private static func level(_ grey: [Double], _ x: Double, _ y: Double) -> Double {
    let last = Double(side - 1)
    let (x, y) = (max(0, min(last, x)), max(0, min(last, y)))
    let (left, top) = (min(Int(x), side - 2), min(Int(y), side - 2))
    let (right, down) = (x - Double(left), y - Double(top))
    let at = side * top + left
    let upper = grey[at] * (1 - right) + grey[at + 1] * right
    let lower = grey[at + side] * (1 - right) + grey[at + side + 1] * right
    return upper * (1 - down) + lower * down
  }

  private static func between(_ low: Double, _ high: Double, _ stream: inout RandomStream) -> Double {
    low + (high - low) * Double(stream.nextUniform())
  }

  /// A normal number by Marsaglia's polar method, with our own logarithm.
  private static func normal(_ stream: inout RandomStream) -> Double {
    while true {
      let (x, y) = (between(-1, 1, &stream), between(-1, 1, &stream))
      let square = x * x + y * y
      if square > 0, square < 1 { return x * (-2 * naturalLogarithm(square) / square).squareRoot() }
    }
  }
}

extension Disturbance.Kind: CustomStringConvertible {
  /// The name on the command line.
  public var description: String {
    switch self {
    case .shifted: "shifted"
    case .rotated: "rotated"
    case .noise: "noise"
    case .light: "light"
    case .blurred: "blurred"
    }
  }
}
