import Platform

/// A line of metrics.csv, as somebody else reads it.
public struct EpochMetrics: Equatable, Sendable {
  /// The epoch, from 1.
  public let epoch: Int
  /// Means over the epoch's training samples.
  public let loss: Double, accuracy: Double
  /// Means over the validation rows.
  public let validationLoss: Double, validationAccuracy: Double
  /// The learning rate of the epoch's last step.
  public let learningRate: Double
  /// Seconds of the whole epoch.
  public let seconds: Double
  /// SHA-256 of the parameters.
  public let parametersSHA256: String

  private static let columns = [
    "epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate", "epoch_seconds", "parameters_sha256",
  ]

  /// Reads a file's lines; columns that it does not know are passed over.
  ///
  /// - Throws: a `Failure` that names the line.
  package static func read(_ bytes: [UInt8], path: String) throws(Failure) -> [EpochMetrics] {
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let header = fields(lines.first ?? [])
    let places = columns.compactMap { header.firstIndex(of: $0) }
    guard places.count == columns.count else {
      throw Failure(.data, "\(foreign(path)) is no metrics.csv of a run: its first line does not name the columns")
    }
    var epochs: [EpochMetrics] = []
    for (index, line) in lines.enumerated().dropFirst() where !line.isEmpty {
      let values = fields(line)
      guard values.count == header.count, let metrics = EpochMetrics(places.map { values[$0] }),
        metrics.epoch == epochs.count + 1
      else {
        throw Failure(.data, "\(foreign(path)), line \(index + 1): no metrics of epoch \(epochs.count + 1)")
      }
      epochs.append(metrics)
    }
    return epochs
  }

  private static func fields(_ line: ArraySlice<UInt8>) -> [String] {
    line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
  }

  /// The values of `columns`; nil where one is no number.
  private init?(_ values: [String]) {
    let numbers = values[1..<7].compactMap { Double($0) }
    guard let epoch = Int(values[0]), numbers.count == 6 else { return nil }
    self.epoch = epoch
    (loss, accuracy, validationLoss, validationAccuracy) = (numbers[0], numbers[1], numbers[2], numbers[3])
    (learningRate, seconds) = (numbers[4], numbers[5])
    parametersSHA256 = values[7]
  }
}
