import Datasets
import FoundationEssentials
import Platform

/// What the images look like that a model has learned from: their mean, and how a few simple measures vary among them.
///
/// It travels in the model file, so that prediction can say that an image is unlike them: a network has an answer for every image, and
/// often a confident one. A few whole numbers, exact sums over the training rows, and therefore the same for every number of workers.
public struct TrainingImages: Codable, Hashable, Sendable {
  /// The rows that were looked at.
  public let rows: Int
  /// The mean image in gray, at most 32 x 32 pixels: [height, width].
  public let width: Int, height: Int
  let mean: Data
  /// The sums of each measure over the rows, and those of the products of two measures, in the order (0, 0), (0, 1), ... (4, 4).
  let sums: [Int], products: [Int]
  /// The distance, in 64ths, that 99.9 % of the training rows stay below.
  let edge: Int
  /// The part of the image's side that what stands out from the background takes, in 64ths: the median; nil where too little does.
  public let framing: Int?

  /// Fewer rows than that say too little about how images vary.
  static let leastRows = 64
  /// A row is unlike the others from this multiple of the edge on, so that the thousandth of the training rows beyond it is not
  /// a thousandth of all rows.
  static let margin = 1.05

  /// What is added for few rows: the farthest of 100 is where 99 % end, not 99.9 %, and its own part in means and covariances brings it
  /// nearer. By chi-squared and F of five measures that makes a fifth to a quarter at 100 rows, and nothing at many thousand.
  static let fewRows = 22.0

  /// The pixels of the mean image.
  public var meanPixels: [UInt8] { Array(mean) }

  init(rows: Int, mean: GrayImage, sums: [Int], products: [Int], edge: Int, framing: Int?) {
    self.rows = rows
    (width, height, self.mean) = (mean.width, mean.height, Data(mean.pixels))
    (self.sums, self.products, self.edge, self.framing) = (sums, products, edge, framing)
  }

  /// The JSON text of the metadata: equal for equal values.
  package var text: String {
    guard let data = try? ExactJSON.encoder().encode(self) else { preconditionFailure("numbers and bytes have JSON") }
    return String(decoding: data, as: UTF8.self)
  }

  /// The value of such a text; nil where there is none, or it makes no sense: then nothing is known.
  package init?(text: String?) {
    guard let text, text.utf8.count < 1 << 14,
      let read = try? ExactJSON.decoder().decode(TrainingImages.self, from: Data(text.utf8)), read.isPossible
    else { return nil }
    self = read
  }

  /// Whether rows can have these sums.
  package var isPossible: Bool {
    let kinds = ImageMeasures.Kind.allCases.count
    guard rows >= Self.leastRows, rows <= 1 << 40, (1...GrayImage.longestSide).contains(width),
      (1...GrayImage.longestSide).contains(height), mean.count == width * height, sums.count == kinds,
      products.count == kinds * (kinds + 1) / 2, edge > 0, edge <= 1 << 20,
      framing.map({ (1...64).contains($0) }) ?? true
    else { return false }
    return true
  }
}

extension TrainingImages {
  /// In what an image is unlike the training images, the most notable first, as `much darker`; empty for one that is like them.
  ///
  /// - Parameter image: the network's input, `format.count` bytes; nil is returned for a format that is not the training's.
  public func differences(of image: [UInt8], _ format: ImageFormat) -> [String]? {
    let size = GrayImage.reduced(format)
    guard size.width == width, size.height == height, image.count == format.count else { return nil }
    let gray = image.withUnsafeBufferPointer { GrayImage($0, format) }
    let measures = ImageMeasures(gray, thumbnail: gray.reduced(by: size.factor), mean: meanImage)
    guard let spread = MeasureSpread(rows: rows, sums: sums, products: products) else { return nil }
    guard
      spread.distance(of: measures) > Self.margin * (1 + Self.fewRows / Double(rows)) * Double(edge)
        / MeasureSpread.binsPerUnit
    else { return [] }
    return spread.words(for: measures)
  }

  private var meanImage: GrayImage { GrayImage(width: width, height: height, pixels: Array(mean)) }
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
