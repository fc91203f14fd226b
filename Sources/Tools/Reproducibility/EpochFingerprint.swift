import Platform
import Training

/// What one epoch of a run must have in common with the same epoch on any other layout.
public struct EpochFingerprint: Equatable, Sendable {
  /// Training loss, training accuracy, validation loss and validation accuracy, each in the shortest form that reads back as
  /// the same number.
  public var history: [String]
  /// SHA-256 of the parameters.
  public var parametersSHA256: String

  /// An epoch of those numbers.
  public init(history: [String], parametersSHA256: String) {
    self.history = history
    self.parametersSHA256 = parametersSHA256
  }

  /// An epoch that was trained.
  public init(_ record: EpochRecord) {
    let numbers = [
      record.training.loss, record.training.accuracy, record.validation.loss, record.validation.accuracy,
    ]
    self.init(history: numbers.map { "\($0)" }, parametersSHA256: record.parametersSHA256)
  }

  /// The beginning of every line of an epoch, so that it is found among whatever else a launcher passes on.
  private static let mark = "epoch-fingerprint"

  /// The epoch as a line of text.
  public var line: String { ([Self.mark] + history + [parametersSHA256]).joined(separator: ",") }

  /// The epochs of all lines that are one, in order; other lines are passed over.
  public static func read(_ text: String) -> [EpochFingerprint] {
    text.split(whereSeparator: \.isNewline).compactMap { line in
      let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      guard fields.count == 6, fields[0] == mark else { return nil }
      return EpochFingerprint(history: Array(fields[1...4]), parametersSHA256: fields[5])
    }
  }

  /// SHA-256 over the history of all epochs.
  static func historySHA256(_ epochs: [EpochFingerprint]) -> String {
    SHA256Digest(of: Array(epochs.map { $0.history.joined(separator: ",") }.joined(separator: "\n").utf8)).description
  }
}
