import ModelFiles
import Platform
import Training

/// A run as rank 0 knows it before the first step: whether it is fresh, resumes from a state, or is finished.
///
/// `open` looks at the run folder, before any data are loaded; `confirm` compares the data, once they are known; `start` makes
/// the folder ready. A folder for a new run is not touched before `start`.
public final class Run {
  /// What there is to do.
  public enum Start: Sendable {
    /// Train from the beginning.
    case fresh
    /// Continue from a state; where it was found.
    case resumed(TrainingState, path: String)
    /// Nothing: the run has ended.
    case finished(OutcomeDescription)
  }

  /// What there is to do.
  public private(set) var start = Start.fresh

  private let location: RunFolder.Location
  /// What run.json will say; the data once they are known.
  public private(set) var description: RunDescription
  private var identity: RunIdentity
  private let folder: RunFolder?
  private let scan: CheckpointScan?
  private let warn: (String) -> Void

  /// Opens a run.
  ///
  /// - Parameters:
  ///   - resume: whether to continue what is in the folder; then the folder is locked, if it is there.
  ///   - identity: of this command's run; its data need not be known.
  ///   - nameOfSetting: how to call a field of the configuration in messages.
  ///   - warn: told of each damaged file once, of an earlier run that is moved aside, and of a folder without locks.
  /// - Throws: `Failure` where the folder holds another run; `FolderLock.Held`, `FileError`.
  public init(
    _ location: RunFolder.Location, resume: Bool, description: RunDescription, identity: RunIdentity,
    nameOfSetting: @escaping (String) -> String = RunMismatch.words, warn: @escaping (String) -> Void
  ) throws {
    self.location = location
    self.description = description
    self.identity = identity
    self.warn = warn
    guard case .named(let path) = location, resume,
      let folder = try RunFolder.open(path: path, description: description, warn: warn)
    else {
      (folder, scan) = (nil, nil)
      return
    }
    self.folder = folder
    // Until the data are known, a finished run's model is compared with what the run itself says of them.
    if let earlier = folder.earlierDescription {
      folder.description.trainingData = earlier.trainingData
      folder.description.validationData = earlier.validationData
    }
    let scan = CheckpointScan(try folder.checkpointSteps(), nameOfSetting: nameOfSetting, warn: warn)
    self.scan = scan
    start = try scan.newest(in: folder, identity) { _ in true }
  }

  /// The run folder's path, or what it begins with.
  public var path: String {
    switch location {
    case .named(let path), .new(let path): path
    }
  }

  /// The state to continue from, if there is one.
  public var state: TrainingState? {
    if case .resumed(let state, _) = start { state } else { nil }
  }

  /// Whether there is nothing to do: the run is finished.
  public var hasEnded: Bool {
    if case .finished = start { true } else { false }
  }

  /// Whether `begin` moves an earlier run aside, and warns of that: something was trained, but no checkpoint is intact.
  public var losesProgress: Bool {
    get throws {
      guard case .fresh = start, let folder else { return false }
      return try folder.hasResults
    }
  }

  /// Says what the data are, and looks whether the run in the folder has the same ones.
  ///
  /// - Parameters:
  ///   - validation: nil where rows of the training data are held out.
  ///   - canBe: whether this run, with its data, ever is at a position. A checkpoint elsewhere is damaged, and the one before
  ///     it is taken.
  public func confirm(
    training: DataDescription, validation: DataDescription?, canBe: (TrainingPosition) -> Bool = { _ in true }
  ) throws {
    description.trainingData = training
    description.validationData = validation
    identity = identity.with(training: training, validation: validation)
    guard let folder, let scan else { return }
    folder.description.trainingData = training
    folder.description.validationData = validation
    if case .fresh = start { return }
    start = try scan.newest(in: folder, identity, canBe: canBe)
  }

  /// The lengths of the run, where it is resumed with another one than it had: epochs and patience.
  public var lengthChange: (earlier: TrainingConfiguration, here: TrainingConfiguration)? {
    guard state != nil, let earlier = folder?.earlierDescription?.configuration else { return nil }
    let here = description.configuration
    return earlier.epochs == here.epochs && earlier.patience == here.patience ? nil : (earlier, here)
  }

  /// Makes the folder ready for a run that begins or continues. After `confirm`.
  public func begin() throws -> RunFolder {
    guard let folder else {
      return try RunFolder.begin(location, description: description, identity: identity, warn: warn)
    }
    folder.identity = identity
    if let state {
      try folder.resume(state)
    } else if let earlier = try folder.begin(keepingEarlier: false) {
      warn("no intact checkpoint in \(path): starting from the beginning; the earlier run is now in \(earlier)")
    }
    return folder
  }
}
