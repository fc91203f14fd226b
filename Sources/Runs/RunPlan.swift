/// What rank 0 knows of a run before the first step: whether it begins, goes on, or has nothing left to do.
public struct RunPlan {
  /// What the folder holds to go on with.
  public let resumption: RunFolder.Resumption

  private let place: RunFolder.Place
  private let description: RunDescription
  private let identity: RunIdentity
  private let present: RunFolder?
  private let warn: (String) -> Void

  /// Looks into the folder of a run to go on with, and locks it. A folder for a new run is not touched before `start`.
  ///
  /// - Parameters:
  ///   - resume: whether to go on with what is in the folder.
  ///   - canBe: whether this run, with its data, ever is at a position.
  ///   - warn: told of each damaged file, and of a folder without locks.
  public init(
    _ place: RunFolder.Place, description: RunDescription, identity: RunIdentity, resume: Bool,
    canBe: (TrainingPosition) -> Bool, warn: @escaping (String) -> Void
  ) throws {
    self.place = place
    self.description = description
    self.identity = identity
    self.warn = warn
    if case .named(let path) = place, resume {
      present = try RunFolder.open(path: path, description: description, identity: identity, warn: warn)
    } else {
      present = nil
    }
    resumption = try present?.resumption(canBe: canBe, warn: warn) ?? .beginning
  }

  /// The run folder's path, or what it begins with.
  public var path: String {
    switch place {
    case .named(let path), .new(let path): path
    }
  }

  /// The state to go on from, if there is one.
  public var state: TrainingState? {
    if case .state(let state, _) = resumption { state } else { nil }
  }

  /// How the run ended, if it has.
  public var outcome: OutcomeDescription? {
    if case .finished(let outcome) = resumption { outcome } else { nil }
  }

  /// Says so where a run that is resumed is to have another length than it had.
  public var lengthNote: String? {
    guard state != nil, let earlier = present?.earlierDescription?.configuration else { return nil }
    let here = description.configuration
    func text(_ configuration: TrainingConfiguration) -> String {
      "--epochs \(configuration.epochs) --patience \(configuration.patience.map { "\($0)" } ?? "none")"
    }
    guard text(earlier) != text(here) else { return nil }
    return "The run had \(text(earlier)); it goes on with \(text(here))."
  }

  /// Makes the folder ready for a run that begins or goes on.
  public func start() throws -> RunFolder {
    guard let present else {
      return try RunFolder.begin(place, description: description, identity: identity, warn: warn)
    }
    if let state { try present.resume(state) } else { try present.begin(keepingEarlier: false) }
    return present
  }
}
