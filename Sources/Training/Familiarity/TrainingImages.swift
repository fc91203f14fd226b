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
