import Communication
import Datasets
import ModelFiles
import NeuralNet
import Runs
import Synchronization
import TestFiles
import Training

/// A command that trains in a run folder, as `fingerspell train` does it, and the folder that it works in.
///
/// It really trains only once for all tests: two epochs of 7 steps, with a checkpoint after every third step and every epoch.
final class RunCommand {
  /// The run folder; there is none at first.
  let path: String
  /// What the command asks for.
  var configuration = RunCommand.configuration
  /// The data that it finds.
  var training = DataDescription(source: "train.csv", sha256: String(repeating: "1", count: 64))
  /// What it was warned of.
  private(set) var warnings: [String] = []

  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    path = "\(scratch.path)/run"
  }

  /// The names in the run folder, but for the lock; nil if there is no folder.
  var names: [String]? {
    guard (try? scratch.names)?.contains("run") == true else { return nil }
    return try? scratch.names(in: "run").filter { $0 != ".fingerspell.lock" }
  }

  /// The path of a checkpoint.
  func checkpoint(_ step: Int) -> String { "\(path)/checkpoints/\(CheckpointNames.name(step: step))" }

  /// Opens the run. The folder is locked as long as what this returns is there.
  func open(resume: Bool = true, nameOfSetting: @escaping (String) -> String = RunMismatch.words) throws -> Run {
    let machine = MachineDescription(
      workers: 1, kind: "threads", workersPerNode: [1], hosts: ["here"], cpu: "a CPU", lanes: 16, mpi: nil)
    let description = RunDescription(
      programVersion: "test", command: ["fingerspell", "train"], started: "2026-01-01T00:00:00Z", recipe: .keras,
      configuration: configuration, initialWeights: nil,
      trainingData: DataDescription(source: "train.csv", sha256: nil),
      validationData: nil, machine: machine)
    return try Run(
      .named(path), resume: resume, description: description,
      identity: RunIdentity(configuration, initialParameters: nil, workers: 1), nameOfSetting: nameOfSetting
    ) { [self] in warnings.append($0) }
  }

  /// Says what the data are.
  func confirm(_ run: Run, canBe: (TrainingPosition) -> Bool = { _ in true }) throws {
    try run.confirm(training: training, validation: nil, canBe: canBe)
  }

  /// Fills the folder: with a run that was killed after the checkpoint of that step, or with a finished one.
  func train(until step: Int = .max) throws {
    let run = try open(resume: false)
    try confirm(run)
    let folder = try run.begin()
    let (events, outcome) = try Self.trained.get()
    for event in events {
      switch event {
      case .epochEnded(let record): try folder.append(record)
      case .checkpoint(let state):
        try folder.save(state)
        if state.position.stepsTaken == step { return }
      default: break
      }
    }
    try folder.finish(outcome)
  }

  /// The state after a step that has a checkpoint.
  static func state(_ step: Int) throws -> TrainingState? {
    try trained.get().events.lazy.compactMap { event in
      if case .checkpoint(let state) = event { state } else { nil }
    }.first { $0.position.stepsTaken == step }
  }

  /// The steps after which there is a checkpoint; the last three are kept.
  static let steps = [3, 6, 7, 9, 12, 14]

  private static var configuration: TrainingConfiguration {
    var configuration = TrainingConfiguration()
    configuration.epochs = 2
    return configuration
  }

  private static let trained = Result<(events: [TrainingEvent], outcome: TrainingOutcome), any Error> {
    let sources = DataSources(
      train: .synthetic(.train, rows: 200, seed: 1), test: .synthetic(.test, rows: 33, seed: 1))
    let events = Mutex<[TrainingEvent]>([])
    let outcome = try ThreadGroup.run(workers: 1) { communicator in
      let trainer = try Trainer(configuration, sources: sources, communicator)
      try trainer.begin(with: standard.initialParameters(seed: configuration.seed))
      return try trainer.run(checkpoints: CheckpointPolicy(everySteps: 3)) { event in
        events.withLock { $0.append(event) }
      }
    }[0]
    return (events.withLock { $0 }, outcome)
  }
}
