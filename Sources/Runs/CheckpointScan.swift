import ModelFiles
import Platform
import Training

/// Looks through the checkpoints of a run folder, the newest first, for the one to continue from. One that cannot be used is told
/// of once, and not looked at again. Nothing here changes the folder.
final class CheckpointScan {
  private var steps: [Int]
  private let nameOfSetting: (String) -> String
  private let warn: (String) -> Void
  private var told: Set<String> = []

  /// - Parameter steps: those of the checkpoints, the latest first.
  init(_ steps: [Int], nameOfSetting: @escaping (String) -> String, warn: @escaping (String) -> Void) {
    self.steps = steps
    self.nameOfSetting = nameOfSetting
    self.warn = warn
  }

  /// What the newest whole checkpoint makes of the run in a folder.
  ///
  /// - Throws: `Failure` where the checkpoint is of another run.
  func newest(
    in folder: RunFolder, _ identity: RunIdentity, canBe: (TrainingPosition) -> Bool
  ) throws -> Run.Start {
    while let step = steps.first {
      do {
        let checkpoint = try folder.store.read(step: step)
        let state = try TrainingState(checkpoint)
        guard state.position.stepsTaken == step else { throw CheckpointError.malformed("it is of another step") }
        try requireSame(try RunIdentity(of: checkpoint), identity, in: folder.path)
        guard canBe(state.position) else {
          throw CheckpointError.malformed("this run is never \(state.position)")
        }
        return try start(try state.continued(by: folder.description.configuration, in: folder.path), step, in: folder)
      } catch let error as CheckpointError {
        tell(
          "the checkpoint \(folder.store.path(step: step)) \(error)"
            + (steps.count > 1 ? "; trying the one before it" : ""))
      } catch let error as FileError {
        tell("\(error)" + (steps.count > 1 ? "; trying the checkpoint before it" : ""))
      }
      steps.removeFirst()
    }
    return .fresh
  }

  /// Warns, but of the same thing only once: who asks again, with the data, meets the same checkpoint.
  private func tell(_ warning: String) {
    if told.insert(warning).inserted { warn(warning) }
  }

  /// A run that has ended is finished only if its model is what the state says.
  private func start(_ state: TrainingState, _ step: Int, in folder: RunFolder) throws -> Run.Start {
    if let outcome = folder.earlierDescription?.outcome, state.isComplete(folder.description.configuration) {
      guard let fault = folder.modelFault(state) else { return .finished(outcome) }
      tell(
        "the run in \(folder.path) is finished, but its model \(folder.path(of: .model)) \(fault.description): it is "
          + "written again from \(folder.store.path(step: step))")
    }
    return .resumed(state, path: folder.store.path(step: step))
  }

  /// Lets only a checkpoint of this run pass.
  private func requireSame(_ run: RunIdentity, _ here: RunIdentity, in path: String) throws {
    let differences = run.differences(from: here)
    guard differences.isEmpty else { throw RunMismatch.failure(differences, in: path, nameOfSetting) }
  }
}

/// The run in a folder differs from the one that the command describes.
public enum RunMismatch {
  /// A field's name in words: `batchSize` is `batch size`.
  public static func words(_ field: String) -> String {
    field.map { $0.isUppercase ? " " + $0.lowercased() : $0 == "." ? " " : String($0) }.joined()
  }

  static func failure(
    _ differences: [RunIdentity.Difference], in path: String, _ nameOfSetting: (String) -> String
  ) -> Failure {
    let lines = differences.map {
      "\n  \(nameOfSetting($0.name)): \(foreign($0.ofRun ?? "not given")) in the run, \($0.here ?? "not given") in this command"
    }
    let isLonger = differences.contains { $0.name == RunIdentity.epochs }
    let reason =
      isLonger
      ? "\nWith a cosine schedule every learning rate depends on the number of epochs, so a longer run differs from its first step"
      : ""
    return Failure(
      differences.allSatisfy(\.isData) ? .data : .usage,
      "the run in \(path) differs from this command and cannot be resumed:\(lines.joined())\(reason)",
      remedy: isLonger ? .trainFurther("\(path)/\(RunFolder.File.model.rawValue)") : .ownValues)
  }
}

extension Remedy {
  /// Use the run's own values, or start a new run.
  static let ownValues = Remedy("own-values")
  /// Begin a new run with the weights of that model.
  static func trainFurther(_ model: String) -> Remedy { Remedy("train-further", model) }
}
