import FoundationEssentials
import Glibc
import ModelFiles
import Platform
import Training

/// The folder of a run: `run.json`, `metrics.csv`, `checkpoints`, event files, and at the end `model.safetensors`. Only rank 0
/// has one, and while it does, a lock keeps other jobs out.
///
/// It is held open, and everything is read and written relative to that: a job whose folder was moved away or removed never
/// touches another folder of the same name. A new run in a folder that holds an earlier one keeps it (`EarlierRun`).
public final class RunFolder {
  /// The files of a run.
  public enum File: String, CaseIterable, Sendable {
    /// What was run, where, and how it ended.
    case description = "run.json"
    /// One line per epoch.
    case metrics = "metrics.csv"
    /// The states from which the run can continue.
    case checkpoints
    /// The best weights.
    case model = "model.safetensors"
    /// What these weights make of the validation rows.
    case examination = "evaluation.json"
    /// What the user has measured with them and put here: the JSON of an evaluation.
    case test = "test.json"
    /// The run as a page.
    case report = "report.html"
    /// The hyperparameters for TensorBoard.
    case events = "events.out.tfevents.fingerspell"
    /// The folders of the epochs' numbers for TensorBoard.
    case trainingEvents = "train"
    case validationEvents = "validation"

    /// Whether it is a folder.
    var isFolder: Bool { [.checkpoints, .trainingEvents, .validationEvents].contains(self) }
  }

  /// Where a run's folder is to be.
  public enum Location: Sendable {
    /// In the folder that the user named.
    case named(String)
    /// In a new folder: of that name, or with a number appended if that is taken.
    case new(String)
  }

  private static let lockName = ".fingerspell.lock"

  /// The folder.
  public var path: String { folder.path }

  let folder: Folder
  let store: CheckpointStore
  /// What makes this run that run; known when it begins or continues.
  var identity: RunIdentity?
  var description: RunDescription
  private let lock: FolderLock
  private let began = ContinuousClock.now
  private var records: [EpochRecord] = []
  private var events: RunEvents?

  /// Locks the folder, which must be there.
  ///
  /// - Parameters:
  ///   - description: this command's run; a run that is resumed keeps its own.
  ///   - warn: told if nothing keeps other jobs out.
  init(locking path: String, description: RunDescription, warn: (String) -> Void) throws {
    folder = try Folder(path)
    self.description = description
    let host = description.machine.hosts.first ?? "an unknown host"
    let holder = "process \(getpid()) on \(host) since \(description.started)"
    // A job that was killed may leave rank 0 alive for a moment.
    lock = try FolderLock(Self.lockName, in: folder, holder: holder, patience: 5)
    store = CheckpointStore(in: folder, name: File.checkpoints.rawValue, of: description.configuration.architecture)
    if !lock.isEffective {
      warn("the file system of \(path) has no locks: nothing keeps another job out of this run folder")
    }
  }

  /// Begins a run: makes the folder, with the folders above it, and writes run.json and the header of metrics.csv.
  public static func begin(
    _ location: Location, description: RunDescription, identity: RunIdentity, warn: (String) -> Void
  ) throws -> RunFolder {
    let path: String
    switch location {
    case .named(let name):
      path = name
      try Folders.make(name)
    case .new(let name): path = try Folders.makeNew(name)
    }
    let folder = try RunFolder(locking: path, description: description, warn: warn)
    folder.identity = identity
    try folder.begin(keepingEarlier: true)
    return folder
  }

  /// Begins a run in the folder that is locked.
  ///
  /// - Parameter keepingEarlier: whether to keep files of an earlier run even if nothing was trained in it.
  /// - Returns: the path of the folder where an earlier run is now; nil if there was none to keep.
  @discardableResult
  func begin(keepingEarlier: Bool) throws -> String? {
    let isKept = try keepingEarlier || hasResults
    let name = isKept ? try EarlierRun.setAside(ownNames, in: folder) : nil
    try prepare()
    try writeDescription()
    try writeMetrics()
    return name.map { folder.path($0) }
  }

  /// The names of a run's files. A folder `train` or `validation` that holds anything but events is somebody's data.
  private var ownNames: [String] {
    File.allCases.filter { file in
      guard file == .trainingEvents || file == .validationEvents else { return true }
      let names = try? folder.folder(file.rawValue).names()
      return names?.allSatisfy { $0 == File.events.rawValue || AtomicFile.isTemporary($0) } ?? false
    }.map(\.rawValue)
  }

  /// Makes the folder of checkpoints and removes what a killed writer has left.
  private func prepare() throws {
    try store.prepare()
    for name in try folder.names() where AtomicFile.isTemporary(name) {
      if File.allCases.contains(where: { name.hasPrefix(".\($0.rawValue).") }) { folder.remove(name) }
    }
  }

  /// The path of one of the run's files.
  public func path(of file: File) -> String { folder.path(file.rawValue) }

  /// The epoch with the best weights so far.
  public var best: EpochRecord? { records.last { $0.isBest } }

  /// Writes event files for TensorBoard from here on; those of a run that continues get what their run has. After the run has
  /// begun, or continues.
  public func startEvents() throws {
    try keeping { events = try RunEvents(in: folder, description, records: records, confirm: requireLock) }
  }

  /// Adds an epoch to metrics.csv, which is whole at any moment, and to the event files.
  ///
  /// - Parameter samples: the samples that it trained on, for the rate in the event files.
  public func append(_ record: EpochRecord, samples: Int? = nil) throws {
    records.append(record)
    try writeMetrics()
    if let events { try keeping { try events.append(record, samples: samples) } }
  }

  /// Adds the confusion matrix of the kept weights to the event files, if there are any.
  public func append(_ picture: @autoclosure () throws -> ConfusionPNG, epoch: Int) throws {
    guard let events else { return }
    let picture = try picture()
    try keeping { try events.append(picture, epoch: epoch) }
  }

  /// Writes a checkpoint; when this returns, it is on the disk.
  public func save(_ state: TrainingState) throws {
    guard let identity else { preconditionFailure("a run has an identity when it has begun") }
    let checkpoint = try state.checkpoint(
      of: identity, description.configuration.architecture, programVersion: description.programVersion)
    try keeping { try store.write(checkpoint, step: state.position.stepsTaken, confirm: requireLock) }
    try requirePlace()
  }

  /// Writes the model and the outcome.
  public func finish(_ outcome: TrainingOutcome) throws {
    try write(
      Self.model(
        outcome.parameters, epoch: outcome.bestEpoch, record: best, images: outcome.images, of: description
      ).encoded(), to: .model)
    description.outcome = OutcomeDescription(
      epochs: outcome.epochs, bestEpoch: outcome.bestEpoch, validationLoss: best?.validation.loss,
      validationAccuracy: best?.validation.accuracy, seconds: (ContinuousClock.now - began).seconds,
      isOvertime: outcome.isOvertime ? true : nil)
    try writeDescription()
    if let events { try keeping { try events.finish() } }
    try requirePlace()
  }

  /// Writes what the best weights make of the validation rows, for the report.
  public func keep(_ examination: Examination) throws {
    try write(Array(try ExactJSON.encoder().encode(examination)) + [UInt8(ascii: "\n")], to: .examination)
  }

  /// Writes the run's report.
  public func keep(report page: String) throws { try write(Array(page.utf8), to: .report) }

  /// The checkpoint that a run has written when it was stopped; nil if there was nothing to keep yet.
  public func checkpoint(of interruption: TrainingInterrupted) -> String? {
    let step = interruption.position.stepsTaken
    return step == 0 ? nil : store.path(step: step)
  }

  /// The path of the checkpoint after a step.
  public func path(ofCheckpoint step: Int) -> String { store.path(step: step) }

  /// Continues from a state: the run's own run.json notes it, and metrics.csv has the epochs of the state.
  public func resume(_ state: TrainingState) throws {
    if state.isComplete(description.configuration), let fault = modelFault(state), fault.isWorthKeeping {
      try EarlierRun.setAside([File.model.rawValue], in: folder)
    }
    try prepare()
    let here = description
    let resume = ResumeDescription(
      time: here.started, step: state.position.stepsTaken, epoch: state.position.epoch, machine: here.machine,
      command: here.command)
    if let earlier = earlierDescription { description = earlier }
    description.configuration.epochs = here.configuration.epochs
    description.configuration.patience = here.configuration.patience
    description.resumes = (description.resumes ?? []) + [resume]
    description.outcome = nil
    records = state.log.epochs
    try writeDescription()
    try writeMetrics()
  }

  /// The model file of a run with those weights.
  static func model(
    _ parameters: [Float], epoch: Int, record: EpochRecord?, images: TrainingImages?, of description: RunDescription
  ) -> ModelFile {
    var metadata = ["format": "fingerspell", "version": description.programVersion, "epoch": "\(epoch)"]
    metadata["numerics_revision"] = "\(Numerics.revision)"
    metadata[ModelFile.preprocessingKey] = description.configuration.preprocessing.rawValue
    metadata["seed"] = "\(description.configuration.seed)"
    metadata[ModelImages.key] = description.images?.text
    metadata[StoredModel.trainingImagesKey] = images?.text
    metadata["train_sha256"] = description.trainingData.sha256
    metadata["val_loss"] = record.map { "\($0.validation.loss)" }
    metadata["val_accuracy"] = record.map { "\($0.validation.accuracy)" }
    return ModelFile(description.configuration.architecture, parameters: parameters, metadata: metadata)
  }

  private func writeMetrics() throws {
    let lines = [EpochRecord.csvHeader] + records.map(\.csvLine)
    try write(Array((lines.joined(separator: "\n") + "\n").utf8), to: .metrics)
  }

  private func writeDescription() throws {
    try write(try description.encoded(), to: .description)
  }

  private func write(_ bytes: [UInt8], to file: File) throws {
    try keeping { try AtomicFile.write(bytes, to: file.rawValue, in: folder, confirm: requireLock) }
  }

  /// Runs something that writes; where it fails because the folder is no longer this run's, the error says that.
  private func keeping(_ write: () throws -> Void) throws {
    try requireLock()
    do {
      try write()
    } catch let error as FileError {
      try requireLock()
      throw error
    }
  }
}

// Whether the folder is still this run's.
extension RunFolder {
  /// Ends the run if another job may use the folder. To be called before anything is written, replaced or removed.
  private func requireLock() throws {
    guard !lock.isHeld else { return }
    try requireFolder()
    throw Failure(
      .io,
      "the lock \(folder.path(Self.lockName)) of this run was removed or replaced, so that another job may use the run folder; "
        + "this one ends and writes nothing more into it. Its checkpoints are there still, unless that job has taken them: "
        + "see \(foreign(folder.currentPath ?? path))")
  }

  /// Ends the run if the folder is not where its user looks for it. To be called when the state or the result was written.
  private func requirePlace() throws {
    try requireFolder()
    guard !folder.isInPlace else { return }
    let place = foreign(folder.currentPath ?? "another place")
    throw Failure(
      .io,
      "the run folder \(path) was moved to \(place) while the run was in it (\(path): "
        + "\(access(path, F_OK) == 0 ? "another folder has that name" : "No such file or directory")). "
        + (description.outcome == nil
          ? "All that was trained is kept there"
          : "The run is finished; its model is \(place)/\(File.model.rawValue)"),
      remedy: description.outcome == nil ? .resume(in: place) : nil)
  }

  private func requireFolder() throws {
    guard folder.isRemoved else { return }
    throw Failure(
      .io,
      "the run folder \(path) was removed while the run was in it: No such file or directory. What was trained is lost with "
        + "it; start again, or resume from a copy of the folder")
  }
}

extension Remedy {
  /// Give the same command again, with that output folder, and resume.
  static func resume(in path: String) -> Remedy { Remedy("resume-in", path) }
}
