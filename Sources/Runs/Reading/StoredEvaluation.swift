import FoundationEssentials
import Platform
import Training

/// What `evaluate` has written as JSON: results on rows that a user chose.
public struct StoredEvaluation: Decodable, Equatable, Sendable {
  /// A result on corrupted images.
  public struct Corrupted: Decodable, Equatable, Sendable {
    /// The corruption's name, and the seed of its random numbers.
    public let kind: String, seed: UInt64
    /// The results.
    public let loss: Double, accuracy: Double
  }

  /// The source of the rows.
  public let data: String
  /// The number of rows.
  public let rows: Int
  /// The results.
  public let loss: Double, accuracy: Double
  /// Counts by true label (row) and predicted label (column).
  public let confusion: [[Int]]
  /// The results on corrupted images, if there are any.
  public let corruptions: [Corrupted]?
  /// SHA-256 of the model's parameters; nil in files of earlier versions.
  public let parametersSHA256: String?

  private enum CodingKeys: String, CodingKey {
    case data, rows, loss, accuracy, confusion, corruptions
    case parametersSHA256 = "parameters_sha256"
  }

  /// What is wrong with the numbers; nil if they can be results.
  package var fault: String? {
    guard (1...1 << 40).contains(rows) else { return "it has \(rows) rows" }
    guard (2...1024).contains(confusion.count), confusion.allSatisfy({ $0.count == confusion.count }) else {
      return "its confusion matrix is not square"
    }
    guard confusion.allSatisfy({ $0.allSatisfy { (0...rows).contains($0) } }),
      confusion.reduce(0, { $0 + $1.reduce(0, +) }) == rows
    else { return "its confusion matrix does not count its rows" }
    guard (corruptions ?? []).count <= 1000 else { return "it has too many corruptions" }
    let accuracies = [accuracy] + (corruptions ?? []).map(\.accuracy)
    return accuracies.allSatisfy { (0...1).contains($0) } ? nil : "an accuracy is none"
  }
}

extension Examination {
  /// What is wrong with the numbers; nil if they can be an examination.
  package var fault: String? {
    guard formatVersion == Self.formatVersion else { return "its format is of version \(formatVersion)" }
    guard (2...1024).contains(classes), (1...1 << 40).contains(rows), (0...1 << 40).contains(trainingRows),
      (0...1 << 30).contains(epoch), (0...1).contains(accuracy)
    else { return "a number in it is impossible" }
    let labels = 0..<classes
    let counts =
      confusion.map { (label: $0.label, prediction: $0.prediction, count: $0.count) }
      + pairs.map { (label: $0.label, prediction: $0.prediction, count: $0.count) }
    let samples = worst + pairs.flatMap { $0.examples + [$0.genuine].compactMap { $0 } }
    guard counts.allSatisfy({ labels ~= $0.label && labels ~= $0.prediction && (1...rows) ~= $0.count }),
      samples.allSatisfy({ labels ~= $0.label && labels ~= $0.prediction }), means.allSatisfy({ labels ~= $0.label })
    else { return "it names a class that the network has not" }
    // Each cell is there once, so that their sum does not overflow.
    guard zip(confusion, confusion.dropFirst()).allSatisfy({ ($0.label, $0.prediction) < ($1.label, $1.prediction) }),
      confusion.reduce(0, { $0 + $1.count }) == rows
    else { return "its confusion matrix does not count its rows" }
    let (sides, format) = (1...64, imageFormat)
    guard sides ~= format.height, sides ~= format.width, [1, 3].contains(format.channels),
      (samples.map(\.image) + means.map(\.image)).allSatisfy({ $0.count == format.count })
    else { return "an image in it has not the size of its format" }
    return nil
  }
}
