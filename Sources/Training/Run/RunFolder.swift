import Checkpoints
import FoundationEssentials
import Glibc
import Platform

/// The folder of a run: `run.json`, `metrics.csv`, `checkpoints`, and at the end `model.safetensors`. Only rank 0 has one,
/// and while it does, a lock keeps other jobs out.
///
/// A new run in a folder that holds an earlier one keeps it: its files move to `earlier-1`, `earlier-2`, ... inside.
public final class RunFolder {
  /// The files of a run.
  public enum File: String, CaseIterable, Sendable {
    /// What was run, where, and how it ended.
    case description = "run.json"
    /// One line an epoch.
    case metrics = "metrics.csv"
    /// The states from which the run can go on.
    case checkpoints
    /// The best weights.
    case model = "model.safetensors"
  }

  /// The folder.
  public let path: String

  private let identity: RunIdentity
  private let lock: FolderLock
  private let store: CheckpointStore
  private var description: RunDescription
  private let began = ContinuousClock.now
  private var records: [EpochRecord] = []

  /// Locks the folder, which must be there.
  ///
  /// - Parameter description: this command's run; a run that is resumed keeps its own.
  init(locking path: String, description: RunDescription, identity: RunIdentity) throws {
    self.path = path
    self.description = description
    self.identity = identity
    let host = description.layout.hosts.first ?? "an unknown host"
    let holder = "process \(getpid()) on \(host) since \(description.started)"
    // A job that was killed may leave rank 0 alive for a moment.
    lock = try FolderLock(path + "/lock", holder: holder, patience: 5)
    store = CheckpointStore(folder: path + "/" + File.checkpoints.rawValue)
  }

  /// Begins a run: makes the folder, with the folders above it, and writes run.json and the header of metrics.csv.
  public static func begin(path: String, description: RunDescription, identity: RunIdentity) throws -> RunFolder {
    try Folders.make(path)
    let folder = try RunFolder(locking: path, description: description, identity: identity)
    try folder.begin(keepingEarlier: true)
    return folder
  }

  /// Begins a run in the folder that is locked.
  ///
  /// - Parameter keepingEarlier: whether to keep files of an earlier run even if nothing was trained in it.
  func begin(keepingEarlier: Bool) throws {
    if try keepingEarlier || hasResults { try moveEarlierRun() }
    try prepare()
    try writeDescription()
    try writeMetrics()
  }

  /// Makes the folder of checkpoints and removes what a killed writer has left.
  private func prepare() throws {
    try store.prepare()
    for name in try Folders.names(in: path) where AtomicFile.isTemporary(name) {
      if File.allCases.contains(where: { name.hasPrefix(".\($0.rawValue).") }) { unlink(path + "/" + name) }
    }
  }

  /// The path of one of the run's files.
  public func path(of file: File) -> String { path + "/" + file.rawValue }

  /// The epoch with the best weights so far.
  public var best: EpochRecord? { records.last { $0.isBest } }

  /// Adds an epoch to metrics.csv; the file is whole at any moment.
  public func append(_ record: EpochRecord) throws {
    records.append(record)
    try writeMetrics()
  }

  /// Writes a checkpoint; when this returns, it is on the disk.
  public func save(_ state: TrainingState) throws {
    try store.write(try state.checkpoint(of: identity), step: state.position.stepsTaken)
  }

  /// Writes the model and the outcome.
  public func finish(_ outcome: TrainingOutcome) throws {
    var metadata = ["format": "fingerspell", "version": description.programVersion, "epoch": "\(outcome.bestEpoch)"]
    metadata[ModelFile.preprocessingKey] = description.configuration.preprocessing.rawValue
    metadata["seed"] = "\(description.configuration.seed)"
    metadata["train_sha256"] = description.trainingData.sha256
    metadata["val_loss"] = best.map { "\($0.validation.loss)" }
    metadata["val_accuracy"] = best.map { "\($0.validation.accuracy)" }
    try ModelFile(parameters: outcome.parameters, metadata: metadata).write(to: path(of: .model))
    description.outcome = OutcomeDescription(
      epochs: outcome.epochs, bestEpoch: outcome.bestEpoch, validationLoss: best?.validation.loss ?? .nan,
      validationAccuracy: best?.validation.accuracy ?? .nan, seconds: (ContinuousClock.now - began).seconds)
    try writeDescription()
  }

  /// What to tell a user whose run was stopped.
  public func farewell(_ interruption: TrainingInterrupted) -> String {
    let step = interruption.position.stepsTaken
    return "\(interruption)\n"
      + (step == 0 ? "There is nothing to keep yet" : "Checkpoint: \(store.path(step: step))")
      + "\nTo go on, give the same command with --output \(path) --resume"
  }

  private func writeMetrics() throws {
    let lines = [EpochRecord.csvHeader] + records.map(\.csvLine)
    try AtomicFile.write(lines.joined(separator: "\n") + "\n", to: path(of: .metrics))
  }

  private func writeDescription() throws {
    try AtomicFile.write(try description.encoded(), to: path(of: .description))
  }

  /// Whether anything was trained here, by whatever run.
  private var hasResults: Bool {
    get throws {
      let lines = (try? FileBytes.read(path(of: .metrics)))?.split(separator: UInt8(ascii: "\n")).count ?? 0
      return try lines > 1 || access(path(of: .model), F_OK) == 0 || !store.steps().isEmpty
    }
  }

  private func moveEarlierRun() throws {
    let present = File.allCases.filter { access(path + "/" + $0.rawValue, F_OK) == 0 }
    guard !present.isEmpty else { return }
    var number = 1
    while mkdir(path + "/earlier-\(number)", 0o777) != 0 {
      guard errno == EEXIST else { throw FileError("make the folder", path + "/earlier-\(number)") }
      number += 1
    }
    for file in present {
      let old = path + "/" + file.rawValue
      guard rename(old, path + "/earlier-\(number)/" + file.rawValue) == 0 else { throw FileError("rename", old) }
    }
  }
}

// Going on with a run.
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

  /// The folder of a run to go on with, locked; nil if there is no such folder.
  public static func open(path: String, description: RunDescription, identity: RunIdentity) throws -> RunFolder? {
    guard access(path, F_OK) == 0 else { return nil }
    try Folders.make(path)
    return try RunFolder(locking: path, description: description, identity: identity)
  }

  /// Finds the newest checkpoint that is whole, which must be of this run. Changes nothing.
  ///
  /// - Parameter warn: told of each damaged one.
  public func resumption(warn: (String) -> Void) throws -> Resumption {
    for step in try store.steps() {
      let checkpoint: Checkpoint
      let state: TrainingState
      do {
        checkpoint = try store.read(step: step)
        state = try TrainingState(checkpoint)
        try identity.requireSame(checkpoint, in: path)
      } catch let error as CheckpointError {
        warn("the checkpoint \(store.path(step: step)) \(error); looking for the one before it")
        continue
      } catch let error as FileError {
        warn("\(error); looking for the checkpoint before it")
        continue
      }
      if let outcome = earlierDescription?.outcome, access(path(of: .model), F_OK) == 0 { return .finished(outcome) }
      return .state(state, path: store.path(step: step))
    }
    return .beginning
  }

  /// Goes on from a state: the run's own run.json notes it, and metrics.csv has the epochs of the state.
  public func resume(_ state: TrainingState) throws {
    try prepare()
    let resume = ResumeDescription(
      time: description.started, step: state.position.stepsTaken, epoch: state.position.epoch,
      layout: description.layout)
    if let earlier = earlierDescription { description = earlier }
    description.resumes = (description.resumes ?? []) + [resume]
    records = state.log.epochs
    try writeDescription()
    try writeMetrics()
  }

  /// What run.json says; nil if it is not there or damaged, and then this command's description takes its place.
  private var earlierDescription: RunDescription? {
    (try? FileBytes.read(path(of: .description))).flatMap { try? RunDescription(encoded: $0) }
  }
}

extension RunIdentity {
  /// Lets only a checkpoint of this run pass.
  fileprivate func requireSame(_ checkpoint: Checkpoint, in path: String) throws {
    let differences = try RunIdentity(of: checkpoint).differences(from: self)
    guard !differences.isEmpty else { return }
    let lines = differences.map {
      "\n  \($0.name): \($0.ofRun ?? "not given") in the run, \($0.here ?? "not given") in this command"
    }
    throw Failure(
      differences.allSatisfy(\.isData) ? .data : .usage,
      "the run in \(path) is another one and cannot be resumed by this command; they differ in\(lines.joined())\n"
        + "Give the run's own values, or leave out --resume to begin a new run")
  }
}
