/// The kinds of failure, with their exit codes from sysexits.h. Exit codes are defined nowhere else.
public enum FailureKind: Int32, Sendable {
  /// The command was used wrongly (EX_USAGE).
  case usage = 64
  /// The input data are wrong (EX_DATAERR).
  case data = 65
  /// A worker has failed or does not respond (EX_UNAVAILABLE).
  case unavailable = 69
  /// An internal error of this program, MPI or the machine (EX_SOFTWARE).
  case software = 70
  /// Reading or writing failed (EX_IOERR).
  case io = 74
  /// Stopped by a signal after writing a checkpoint (EX_TEMPFAIL).
  case interrupted = 75

  /// The kind of any error: a `UserError`'s own kind, `software` for all others.
  public init(of error: any Error) {
    self = (error as? any UserError)?.failureKind ?? .software
  }

  /// The exit code of a process that ends with this kind of failure.
  public var exitCode: Int32 { rawValue }
}

/// An error that the user can do something about.
public protocol UserError: Error {
  /// The kind, which decides the exit code.
  var failureKind: FailureKind { get }
  /// What the user can do, if that needs one of the program's options.
  var remedy: Remedy? { get }
  /// The byte offset in the input file at which the error was found. If several workers fail, the error with the lowest
  /// offset is reported.
  var fileOffset: Int? { get }
}

extension UserError {
  /// nil by default.
  public var remedy: Remedy? { nil }
  /// nil by default: the error is not about an offset in a file.
  public var fileOffset: Int? { nil }
}
