import Datasets

/// A few simple numbers about one image: whole numbers, so that their sums over rows are exact in any order.
///
/// Colours count by their luma, ITU-R BT.601; of images of other numbers of channels than 1 and 3, the channels' mean does. All are
/// correctly rounded functions of exact sums: the same on every machine.
struct ImageMeasures: Equatable {
  /// What is measured, in the order of `values`.
  enum Kind: Int, CaseIterable {
    /// The mean gray level, in sixteenths.
    case brightness
    /// The standard deviation of the gray levels, in sixteenths of a level.
    case contrast
    /// The mean difference between neighbouring pixels over the contrast, in thousandths: of a smooth image small, of noise 1.1.
    case detail
    /// The correlation with the mean training image, in thousandths.
    case similarity
    /// The skewness of the gray levels, in thousandths: negative for dark parts on a light ground, positive for light ones on a dark.
    case balance
  }

  /// One for each kind.
  let values: [Int]

  /// The bounds of `detail` and of the size of `balance`, so that no sum of products overflows.
  private static let mostDetail = 10_000.0, mostBalance = 30_000.0

  /// Measures an image.
  ///
  /// - Parameters:
  ///   - gray: its gray levels, [height, width].
  ///   - thumbnail: its gray levels as those of the mean image.
  ///   - mean: the gray levels of the mean training image.
  init(_ gray: GrayImage, thumbnail: GrayImage, mean: GrayImage) {
    let count = Double(gray.pixels.count)
    let sums = gray.powerSums
    let level = Double(sums.first) / count
    let variance = max(0, Double(sums.second) / count - level * level)
    let standardDeviation = variance.squareRoot()
    // An image of one gray level has neither detail nor balance.
    let third = Double(sums.third) / count - 3 * level * Double(sums.second) / count + 2 * level * level * level
    let isFlat = standardDeviation < 0.5
    let detail = isFlat ? 0 : 1000 * gray.meanDifference / standardDeviation
    let balance = isFlat ? 0 : 1000 * third / (variance * standardDeviation)
    values = [
      Int((16 * level).rounded()), Int((16 * standardDeviation).rounded()), Int(min(Self.mostDetail, detail).rounded()),
      Int((1000 * thumbnail.correlation(with: mean)).rounded()),
      Int(min(Self.mostBalance, max(-Self.mostBalance, balance)).rounded()),
    ]
  }
}

/// Gray levels, [height, width].
struct GrayImage: Equatable {
  let width: Int, height: Int
  let pixels: [UInt8]

  /// The longest side of a mean image: what it needs in a model file is bounded by that.
  static let longestSide = 32

  /// The size of the reduced image of a format, and the side of the square that becomes one of its pixels.
  static func reduced(_ format: ImageFormat) -> (width: Int, height: Int, factor: Int) {
    let factor = (max(format.width, format.height) + longestSide - 1) / longestSide
    return ((format.width + factor - 1) / factor, (format.height + factor - 1) / factor, factor)
  }

  init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(pixels.count == width * height, "an image has its pixels")
    (self.width, self.height, self.pixels) = (width, height, pixels)
  }

  /// The gray levels of an image of a format.
  init(_ image: UnsafeBufferPointer<UInt8>, _ format: ImageFormat) {
    let channels = format.channels
    let count = format.width * format.height
    let pixels: [UInt8]
    switch channels {
    case 1: pixels = Array(image)
    case 3: pixels = (0..<count).map { Self.luma(image[3 * $0], image[3 * $0 + 1], image[3 * $0 + 2]) }
    default:
      pixels = (0..<count).map { pixel in
        let sum = image[pixel * channels..<(pixel + 1) * channels].reduce(0) { $0 + Int($1) }
        return UInt8((sum + channels / 2) / channels)
      }
    }
    self.init(width: format.width, height: format.height, pixels: pixels)
  }

  private static func luma(_ r: UInt8, _ g: UInt8, _ b: UInt8) -> UInt8 {
    let (red, green, blue) = (19595 * UInt32(r), 38470 * UInt32(g), 7471 * UInt32(b))
    return UInt8((red + green + blue + 32768) >> 16)
  }

  /// The image in means of squares of `factor` pixels a side, or of what there is of them at the right and lower edges.
  func reduced(by factor: Int) -> GrayImage {
    guard factor > 1 else { return self }
    var reduced: [UInt8] = []
    for top in stride(from: 0, to: height, by: factor) {
      let rows = top..<min(top + factor, height)
      for left in stride(from: 0, to: width, by: factor) {
        let columns = left..<min(left + factor, width)
        var sum = 0
        for row in rows { for column in columns { sum += Int(pixels[row * width + column]) } }
        let count = rows.count * columns.count
        reduced.append(UInt8((sum + count / 2) / count))
      }
    }
    return GrayImage(
      width: (width + factor - 1) / factor, height: (height + factor - 1) / factor, pixels: reduced)
  }

  /// The sums of the gray levels, of their squares and of their cubes.
  var powerSums: (first: UInt64, second: UInt64, third: UInt64) {
    var sums: (UInt64, UInt64, UInt64) = (0, 0, 0)
    pixels.withUnsafeBufferPointer { pixels in
      // Cubes of 256 gray levels add up to less than 2^32.
      for start in stride(from: 0, to: pixels.count, by: 256) {
        var (first, second, third): (UInt32, UInt32, UInt32) = (0, 0, 0)
        for index in start..<min(start + 256, pixels.count) {
          let level = UInt32(pixels[index])
          first &+= level
          second &+= level &* level
          third &+= level &* level &* level
        }
        sums.0 += UInt64(first)
        sums.1 += UInt64(second)
        sums.2 += UInt64(third)
      }
    }
    return sums
  }

  /// The mean absolute difference between neighbours: the mean of that across and that down, where there are such neighbours.
  var meanDifference: Double {
    var (across, down) = (UInt64(0), UInt64(0))
    pixels.withUnsafeBufferPointer { pixels in
      down = Self.differences(pixels, distance: width)
      // Of all pixels that follow one another, those at the ends of two rows are no neighbours.
      across = Self.differences(pixels, distance: 1)
      for end in stride(from: width, to: pixels.count, by: width) {
        across -= UInt64(abs(Int(pixels[end]) - Int(pixels[end - 1])))
      }
    }
    let means = [(across, (width - 1) * height), (down, width * (height - 1))].filter { $0.1 > 0 }
      .map { Double($0.0) / Double($0.1) }
    return means.isEmpty ? 0 : means.reduce(0, +) / Double(means.count)
  }

  /// The sum of the absolute differences between pixels at that distance.
  private static func differences(_ pixels: UnsafeBufferPointer<UInt8>, distance: Int) -> UInt64 {
    var sum: UInt64 = 0
    let count = pixels.count - distance
    for start in stride(from: 0, to: count, by: 65_536) {
      var part: UInt32 = 0
      for index in start..<min(start + 65_536, count) {
        part &+= UInt32(abs(Int32(pixels[index &+ distance]) &- Int32(pixels[index])))
      }
      sum += UInt64(part)
    }
    return sum
  }

  /// The correlation of two images of one size, -1 to 1; 0 where one of them has a single gray level.
  func correlation(with other: GrayImage) -> Double {
    precondition(width == other.width && height == other.height, "images of one size are compared")
    let (own, others, count) = (powerSums, other.powerSums, Double(pixels.count))
    var products: UInt64 = 0
    pixels.withUnsafeBufferPointer { left in
      other.pixels.withUnsafeBufferPointer { right in
        for start in stride(from: 0, to: left.count, by: 256) {
          var sum: UInt32 = 0
          for index in start..<min(start + 256, left.count) { sum &+= UInt32(left[index]) &* UInt32(right[index]) }
          products += UInt64(sum)
        }
      }
    }
    func variance(_ sums: (first: UInt64, second: UInt64, third: UInt64)) -> Double {
      Double(sums.second) * count - Double(sums.first) * Double(sums.first)
    }
    let scale = (variance(own) * variance(others)).squareRoot()
    guard scale > 0 else { return 0 }
    return min(1, max(-1, (Double(products) * count - Double(own.first) * Double(others.first)) / scale))
  }
}
