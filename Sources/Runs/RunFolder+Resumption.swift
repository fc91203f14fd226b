import Checkpoints
import Platform

// Going on with a run: what there is to go on from. Nothing here changes the folder.
extension RunFolder {
  /// What a folder holds of a run to go on with.
  public enum Resumption: Sendable {
    /// Nothing that was trained: the run begins.
    case beginning
    /// A state, and where it was.
    case state(TrainingState, path: String)
    /// A run that has ended.
    case finished(OutcomeDescription)
  }

  /// The most bytes of run.json that are read; what is larger is damaged.
  private static let descriptionLimit = 1 << 24

  /// The folder of a run to go on with, locked; nil if there is no such folder.
  static func open(
    path: String, description: RunDescription, identity: RunIdentity, warn: (String) -> Void
  ) throws -> RunFolder? {
    do {
      return try RunFolder(locking: path, description: description, identity: identity, warn: warn)
    } catch let error as FileError where error.isMissing && error.path == path {
      return nil
    }
  }

  /// Finds the newest checkpoint that is whole, which must be of this run.
  ///
  /// - Parameters:
  ///   - canBe: whether this run ever is at a position.
  ///   - warn: told of each damaged one, and of a damaged model.
  func resumption(canBe: (TrainingPosition) -> Bool, warn: (String) -> Void) throws -> Resumption {
    try requireFiles()
    for step in try store.steps() {
      do {
        let checkpoint = try store.read(step: step)
        let state = try TrainingState(checkpoint)
        guard state.position.stepsTaken == step else { throw CheckpointError.malformed("it is of another step") }
        try identity.requireSame(checkpoint, in: path)
        guard canBe(state.position) else {
          throw CheckpointError.malformed("this run is never \(state.position)")
        }
        return try resumption(try state.going(on: description.configuration, in: path), step, warn)
      } catch let error as CheckpointError {
        warn("the checkpoint \(store.path(step: step)) \(error); looking for the one before it")
      } catch let error as FileError {
        warn("\(error); looking for the checkpoint before it")
      }
    }
    return .beginning
  }

  /// A run that has ended is finished only if its model is what the state says.
  private func resumption(_ state: TrainingState, _ step: Int, _ warn: (String) -> Void) throws -> Resumption {
    if let outcome = earlierDescription?.outcome, state.isComplete(description.configuration) {
      guard let fault = modelFault(state) else { return .finished(outcome) }
      warn(
        "the run in \(path) is finished, but its model \(path(of: .model)) \(fault.description): it is written again from "
          + store.path(step: step))
    }
    return .state(state, path: store.path(step: step))
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
    let expected = model(state.best ?? [], epoch: state.log.stopping.bestEpoch ?? 0, record: record).encoded()
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
      let expected: Folder.Kind = file == .checkpoints ? .folder : .file
      guard let kind, kind != expected else { continue }
      let found =
        switch kind {
        case .file: "a file"
        case .folder: "a folder"
        case .other(let what): what
        }
      throw Failure(
        .io,
        "\(path(of: file)) is \(found) where --resume needs \(expected == .file ? "a file" : "a folder"); move it away")
    }
  }
}

extension RunIdentity {
  /// Lets only a checkpoint of this run pass.
  fileprivate func requireSame(_ checkpoint: Checkpoint, in path: String) throws {
    let differences = try RunIdentity(of: checkpoint).differences(from: self)
    guard !differences.isEmpty else { return }
    let lines = differences.map {
      "\n  \($0.name): \(foreign($0.ofRun ?? "not given")) in the run, \($0.here ?? "not given") in this command"
    }
    let reason =
      differences.contains { $0.name == Self.epochsName }
      ? "\nWith --schedule cosine the number of epochs is in every learning rate: a longer run is another one from its first "
        + "step. To train these weights further, begin a new run with --initial-weights \(path)/\(RunFolder.File.model.rawValue)"
      : ""
    throw Failure(
      differences.allSatisfy(\.isData) ? .data : .usage,
      "the run in \(path) is another one and cannot be resumed by this command; they differ in\(lines.joined())\(reason)\n"
        + "Give the run's own values, or leave out --resume to begin a new run")
  }
}
