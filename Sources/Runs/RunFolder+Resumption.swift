import ModelFiles
import Platform
import Training

// Continuing a run: what there is to continue from. Nothing here changes the folder.
extension RunFolder {
  /// The most bytes of run.json that are read; what is larger is damaged.
  private static let descriptionLimit = 1 << 24

  /// The folder of a run to continue, locked; nil if there is no such folder.
  static func open(path: String, description: RunDescription, warn: (String) -> Void) throws -> RunFolder? {
    do {
      return try RunFolder(locking: path, description: description, warn: warn)
    } catch let error as FileError where error.isMissing && error.path == path {
      return nil
    }
  }

  /// The steps of the checkpoints that are there, the latest first. Refuses a folder in which something else has the name of one
  /// of the run's files.
  func checkpointSteps() throws -> [Int] {
    try requireFiles()
    return try store.steps()
  }

  /// Why the model in the folder is not the one of a finished run.
  struct ModelFault {
    /// The rest of a sentence.
    let description: String
    /// Whether the file may be of use to somebody.
    let isWorthKeeping: Bool
  }

  /// Compares the model in the folder with the best weights of a state; nil if it is theirs.
  func modelFault(_ state: TrainingState) -> ModelFault? {
    let name = File.model.rawValue
    guard let size = folder.size(of: name) else { return ModelFault(description: "is missing", isWorthKeeping: false) }
    guard size > 0 else { return ModelFault(description: "is empty", isWorthKeeping: false) }
    let record = state.log.epochs.last { $0.isBest }
    // What run.json says is what the model was written with: this command may not know its data yet.
    let expected = Self.model(
      state.best ?? [], epoch: state.log.stopping.bestEpoch ?? 0, record: record, images: state.log.images,
      of: earlierDescription ?? description
    ).encoded()
    guard size == expected.count, let found = try? folder.read(name, atMost: size), found == expected else {
      return ModelFault(description: "is damaged or another run's", isWorthKeeping: true)
    }
    return nil
  }

  /// Whether anything was trained here, by whatever run.
  var hasResults: Bool {
    get throws {
      let metrics = try? folder.read(File.metrics.rawValue, atMost: 1 << 16)
      let lines = metrics?.split(separator: UInt8(ascii: "\n")).count ?? 0
      return try lines > 1 || folder.kind(of: File.model.rawValue) != nil || !store.steps().isEmpty
    }
  }

  /// What run.json says; nil if it is not there or damaged, and then this command's description takes its place.
  var earlierDescription: RunDescription? {
    guard let size = folder.size(of: File.description.rawValue), size <= Self.descriptionLimit else { return nil }
    let bytes = try? folder.read(File.description.rawValue, atMost: size)
    return bytes.flatMap { try? RunDescription(encoded: $0) }
  }

  /// Refuses a folder in which something else has the name of one of the run's files.
  private func requireFiles() throws {
    for file in File.allCases {
      let kind = folder.kind(of: file.rawValue)
      let expected: Folder.Kind = file.isFolder ? .folder : .file
      guard let kind, kind != expected else { continue }
      let found =
        switch kind {
        case .file: "a file"
        case .folder: "a folder"
        case .other(let what): what
        }
      throw Failure(
        .io,
        "\(path(of: file)) is \(found) where a run has \(expected == .file ? "a file" : "a folder"); move it away")
    }
  }
}
