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

  /// The run in whose folder a model file or a checkpoint lies; nil if there is none, or if its files speak of other weights.
  public init?(ofModelAt path: String, _ model: StoredModel, checksum: String) {
    let folder = Self.folder(of: path)
    let files = [folder, folder + "/.."].lazy.compactMap { try? RunRecord.progress(Folder($0)) }
    guard let (description, epochs) = files.first, description.configuration.architecture == model.architecture else {
      return nil
    }
    // A moving average has no checksum in metrics.csv, but a model file names its epoch and what was measured of it.
    let own = epochs.first { metrics in
      metrics.parametersSHA256 == checksum
        || model.metadata["epoch"] == "\(metrics.epoch)" && model.metadata["val_loss"] == "\(metrics.validationLoss)"
          && model.metadata["val_accuracy"] == "\(metrics.validationAccuracy)"
    }
    guard let own else { return nil }
    self.description = description
    epoch = own.epoch
    (loss, accuracy) = (own.validationLoss, own.validationAccuracy)
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
