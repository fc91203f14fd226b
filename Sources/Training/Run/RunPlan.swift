/// What rank 0 knows of a run before the first step: whether it begins, goes on, or has nothing left to do.
public struct RunPlan {
  /// The run's folder to be.
  public let path: String
  /// What the folder holds to go on with.
  public let resumption: RunFolder.Resumption

  private let description: RunDescription
  private let identity: RunIdentity
  private let present: RunFolder?

  /// Looks into the folder of a run to go on with, and locks it. A folder for a new run is not touched before `start`.
  ///
  /// - Parameters:
  ///   - resume: whether to go on with what is in the folder.
  ///   - warn: told of each damaged checkpoint.
  public init(
    path: String, description: RunDescription, identity: RunIdentity, resume: Bool, warn: (String) -> Void
  ) throws {
    self.path = path
    self.description = description
    self.identity = identity
    present = resume ? try RunFolder.open(path: path, description: description, identity: identity) : nil
    resumption = try present?.resumption(warn: warn) ?? .beginning
  }

  /// The state to go on from, if there is one.
  public var state: TrainingState? {
    if case .state(let state, _) = resumption { state } else { nil }
  }

  /// How the run ended, if it has.
  public var outcome: OutcomeDescription? {
    if case .finished(let outcome) = resumption { outcome } else { nil }
  }

  /// Makes the folder ready for a run that begins or goes on.
  public func start() throws -> RunFolder {
    guard let present else { return try RunFolder.begin(path: path, description: description, identity: identity) }
    if let state { try present.resume(state) } else { try present.begin(keepingEarlier: false) }
    return present
  }
}
