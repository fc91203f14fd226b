import FoundationEssentials
import Platform
import Training

/// What the files of a run say of a model that lies among them.
public struct ModelRun: Sendable {
  /// The run.
  public let description: RunDescription
  /// The epoch whose weights the model has.
  public let epoch: Int
  /// Validation loss and accuracy after that epoch.
  public let loss: Double, accuracy: Double

  /// No file of a run is larger, in bytes: a line of metrics.csv is some 200.
  private static let limit = 1 << 26

  /// The run in whose folder a model file or a checkpoint lies; nil if there is none, or if its files speak of other weights.
  public init?(ofModelAt path: String, _ model: StoredModel, checksum: String) {
    let folder = Self.folder(of: path)
    let candidates = [folder, folder + "/.."]
    guard let (description, metrics) = candidates.lazy.compactMap(Self.files).first,
      description.configuration.architecture == model.architecture
    else { return nil }
    let lines = metrics.split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
    guard let header = lines.first, let columns = Columns(header) else { return nil }
    // A moving average has no checksum in metrics.csv, but a model file names its epoch and what was measured of it.
    let own = lines.dropFirst().first { line in
      line.count == header.count
        && (line[columns.checksum] == checksum
          || model.metadata["epoch"] == line[columns.epoch] && model.metadata["val_loss"] == line[columns.loss]
            && model.metadata["val_accuracy"] == line[columns.accuracy])
    }
    guard let own, let epoch = Int(own[columns.epoch]), let loss = Double(own[columns.loss]),
      let accuracy = Double(own[columns.accuracy])
    else { return nil }
    self.description = description
    self.epoch = epoch
    self.loss = loss
    self.accuracy = accuracy
  }

  /// Where metrics.csv has what is needed.
  private struct Columns {
    let epoch: Int, loss: Int, accuracy: Int, checksum: Int

    init?(_ header: [String]) {
      guard let epoch = header.firstIndex(of: "epoch"), let loss = header.firstIndex(of: "val_loss"),
        let accuracy = header.firstIndex(of: "val_accuracy"), let checksum = header.firstIndex(of: "parameters_sha256")
      else { return nil }
      self.epoch = epoch
      self.loss = loss
      self.accuracy = accuracy
      self.checksum = checksum
    }
  }

  private static func files(in folder: String) -> (RunDescription, String)? {
    guard let description = read("\(folder)/run.json"), let metrics = read("\(folder)/metrics.csv"),
      let run = try? RunDescription(encoded: description)
    else { return nil }
    return (run, String(decoding: metrics, as: UTF8.self))
  }

  private static func read(_ path: String) -> [UInt8]? {
    guard let size = try? OpenFile.reading(path).size(), size <= limit else { return nil }
    return try? FileBytes.read(path)
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
