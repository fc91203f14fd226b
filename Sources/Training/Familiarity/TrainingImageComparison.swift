import Datasets

/// What images of one format are compared with, computed once for any number of them.
public struct TrainingImageComparison: Sendable {
  private let format: ImageFormat
  private let reduction: Int
  private let mean: GrayImage
  private let spread: MeasureSpread
  /// The distance from which on an image is unlike the others.
  private let farthest: Double

  /// The training images, for images of a format; nil if it is not theirs, or no rows have their sums.
  public init?(_ images: TrainingImages, _ format: ImageFormat) {
    let size = GrayImage.reduced(format)
    guard size.width == images.width, size.height == images.height,
      let spread = MeasureSpread(rows: images.rows, sums: images.sums, products: images.products)
    else { return nil }
    self.format = format
    self.spread = spread
    reduction = size.factor
    mean = GrayImage(width: images.width, height: images.height, pixels: Array(images.mean))
    farthest =
      TrainingImages.margin * (1 + TrainingImages.fewRows / Double(images.rows)) * Double(images.edge)
      / MeasureSpread.binsPerUnit
  }

  /// In what an image is unlike the training images, the most notable first, as `much darker`; empty for one that is like them.
  ///
  /// - Parameter image: the network's input, `format.count` bytes; nil is returned for any other number.
  public func differences(of image: [UInt8]) -> [String]? {
    guard image.count == format.count else { return nil }
    let gray = image.withUnsafeBufferPointer { GrayImage($0, format) }
    let measures = ImageMeasures(gray, thumbnail: gray.reduced(by: reduction), mean: mean)
    return spread.distance(of: measures) > farthest ? spread.words(for: measures) : []
  }
}

/// How measures vary: their means, and their distance from them by Mahalanobis, which knows that some vary together.
struct MeasureSpread {
  /// Distances are counted in bins of a 64th.
  static let binsPerUnit = 64.0
  /// The bins of distances; the last one is of all that are farther.
  static let bins = 1024

  private let means: [Double]
  private let standardDeviations: [Double]
  /// The lower triangle of the covariance's Cholesky factor, row by row.
  private let factor: [[Double]]

  /// Of exact sums over rows: see `TrainingImages`. nil for sums that no rows have.
  init?(rows: Int, sums: [Int], products: [Int]) {
    let count = Double(rows)
    means = sums.map { Double($0) / count }
    let kinds = sums.count
    var covariance = [[Double]](repeating: [Double](repeating: 0, count: kinds), count: kinds)
    var next = products.makeIterator()
    for row in 0..<kinds {
      for column in row..<kinds {
        let value = Double(next.next() ?? 0) / count - means[row] * means[column]
        // What was rounded to whole numbers varies by a twelfth at least; rows that are all alike would leave no space at all.
        covariance[column][row] = value + (row == column ? 1 : 0)
      }
    }
    standardDeviations = (0..<kinds).map { covariance[$0][$0].squareRoot() }
    var factor = covariance
    for column in 0..<kinds {
      for row in column..<kinds {
        var value = covariance[row][column]
        for k in 0..<column { value -= factor[row][k] * factor[column][k] }
        if row == column {
          guard value > 1e-6, value.isFinite else { return nil }
          factor[row][row] = value.squareRoot()
        } else {
          factor[row][column] = value / factor[column][column]
        }
      }
    }
    self.factor = factor
  }

  /// How far an image's measures are from the mean ones: of images like those that were measured, 1 in the root mean square.
  func distance(of measures: ImageMeasures) -> Double {
    var solved: [Double] = []
    for (row, value) in measures.values.enumerated() {
      var rest = Double(value) - means[row]
      for column in 0..<row { rest -= factor[row][column] * solved[column] }
      solved.append(rest / factor[row][row])
    }
    return (solved.reduce(0) { $0 + $1 * $1 } / Double(solved.count)).squareRoot()
  }

  /// The bin of a distance.
  func bin(of measures: ImageMeasures) -> Int {
    Int(min(distance(of: measures) * Self.binsPerUnit, Double(Self.bins - 1)))
  }

  /// In what measures are unlike the mean ones, the most notable first: at most three.
  func words(for measures: ImageMeasures) -> [String] {
    let scores = ImageMeasures.Kind.allCases.map { kind in
      (
        kind: kind,
        score: (Double(measures.values[kind.rawValue]) - means[kind.rawValue]) / standardDeviations[kind.rawValue]
      )
    }
    let notable = scores.filter { abs($0.score) > 2 }.sorted {
      (abs($1.score), $0.kind.rawValue) < (abs($0.score), $1.kind.rawValue)
    }
    guard !notable.isEmpty else { return ["an unusual combination of brightness, contrast and detail"] }
    return notable.prefix(3).map { Self.words($0.kind, isMore: $0.score > 0, isMuch: abs($0.score) > 4) }
  }

  private static func words(_ kind: ImageMeasures.Kind, isMore: Bool, isMuch: Bool) -> String {
    switch kind {
    case .brightness: (isMuch ? "much " : "") + (isMore ? "brighter" : "darker")
    case .contrast: (isMuch ? "much " : "") + (isMore ? "more contrast" : "less contrast")
    case .detail: (isMuch ? "much " : "") + (isMore ? "more fine detail or noise" : "less detail")
    case .similarity: isMore ? "closer to the mean image" : "light and dark in other places"
    case .balance:
      "\(isMuch ? "almost all" : "mostly") \(isMore ? "dark with a few light parts" : "light with a few dark parts")"
    }
  }
}
