import Checkpoints
import Communication
import Platform
import SignLanguageMNIST

/// The kinds of failure that a user can tell apart, by the exit codes of sysexits.h.
public enum FailureKind: Int32, Sendable {
  /// The command was used wrongly (EX_USAGE).
  case usage = 64
  /// The input data are wrong (EX_DATAERR).
  case data = 65
  /// A worker is lost or stands still (EX_UNAVAILABLE).
  case unavailable = 69
  /// A fault of our own (EX_SOFTWARE).
  case software = 70
  /// Reading or writing failed (EX_IOERR).
  case io = 74
  /// Stopped by a signal, after a checkpoint was written (EX_TEMPFAIL).
  case interrupted = 75

  /// The kind of an error from any of the rooms below.
  public init(of error: any Error) {
    switch error {
    case let failure as Failure: self = failure.kind
    case let failure as WorkerFailure: self.init(of: failure.underlying)
    case is CSVError, is DataFilesMissing, is SafetensorsError, is CheckpointError: self = .data
    case is FileError, is FolderLock.Held, is FolderLock.Foreign: self = .io
    case is TrainingInterrupted: self = .interrupted
    default: self = .software
    }
  }
}

/// A failure with its kind and the whole message for the user.
public struct Failure: Error, CustomStringConvertible {
  /// The kind, which decides the exit code.
  public let kind: FailureKind
  /// What is wrong, where, and what to do.
  public let description: String
  /// Whether all workers fail with this same error, so that one report of it is enough.
  public let isCollective: Bool

  /// A failure of this worker.
  public init(_ kind: FailureKind, _ description: String) {
    self.init(kind, description, isCollective: false)
  }

  /// A failure, of all workers alike where it is collective: then each of them throws it.
  public init(_ kind: FailureKind, _ description: String, isCollective: Bool) {
    self.kind = kind
    self.description = description
    self.isCollective = isCollective
  }
}

extension Communicator {
  /// Runs `body` on every worker and lets all of them fail alike if any fails, with the error that comes first.
  ///
  /// Collective. Errors inside one file are ordered by their place in it, so that the report does not depend on the number
  /// of workers. An error that not every worker meets names the rank that does.
  public func agree<Value>(_ body: () throws -> Value) throws -> Value {
    try agree(namingRank: true, body)
  }

  /// Runs `body` on rank 0 and lets all workers fail with its error. Collective.
  ///
  /// - Returns: what `body` returns, on rank 0; nil elsewhere.
  public func onRoot<Value>(_ body: () throws -> Value) throws -> Value? {
    try agree(namingRank: false) { rank == 0 ? try body() : nil }
  }

  private func agree<Value>(namingRank: Bool, _ body: () throws -> Value) throws -> Value {
    // What fails may also hang: a file server that does not answer.
    let result = progress.during(Activity.files) { Result(catching: body) }
    var (kind, place, text) = (0, 0, "")
    if case .failure(let error) = result {
      kind = Int(FailureKind(of: error).rawValue)
      text = "\(error)"
      if let error = error as? CSVError, error.isPlaced { place = error.offset }
    }
    let kinds = try allGather(kind)
    let places = try allGather(place)
    let failed = kinds.indices.filter { kinds[$0] != 0 }
    guard let first = failed.min(by: { (places[$0], $0) < (places[$1], $1) }) else { return try result.get() }
    var message = try broadcast(text, root: first)
    // What every worker meets, and what has its place in a file, is nobody's own.
    if namingRank, failed.count < size, places[first] == 0 { message = "rank \(first): \(message)" }
    throw Failure(FailureKind(rawValue: Int32(kinds[first])) ?? .software, message, isCollective: true)
  }
}
