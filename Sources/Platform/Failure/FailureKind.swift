/// The kinds of failure that a user can tell apart, by the exit codes of sysexits.h: the one place where these are written.
public enum FailureKind: Int32, Sendable {
  /// The command was used wrongly (EX_USAGE).
  case usage = 64
  /// The input data are wrong (EX_DATAERR).
  case data = 65
  /// A worker has failed or does not respond (EX_UNAVAILABLE).
  case unavailable = 69
  /// A fault of our own, of MPI or of the machine (EX_SOFTWARE).
  case software = 70
  /// Reading or writing failed (EX_IOERR).
  case io = 74
  /// Stopped by a signal, after a checkpoint was written (EX_TEMPFAIL).
  case interrupted = 75

  /// The kind of any error: what it says of itself, or else a fault of our own.
  public init(of error: any Error) {
    self = (error as? any UserError)?.failureKind ?? .software
  }

  /// The exit code of a process that ends with such a failure.
  public var exitCode: Int32 { rawValue }
}

/// An error that a user can do something about.
public protocol UserError: Error {
  /// The kind, which decides the exit code.
  var failureKind: FailureKind { get }
  /// What a user can do, where that takes one of the program's options.
  var remedy: Remedy? { get }
  /// The offset in a file that the error is about: of several workers' errors the first one in the file is reported.
  var fileOffset: Int? { get }
}

extension UserError {
  /// None, unless the error names one.
  public var remedy: Remedy? { nil }
  /// None, unless the error is about a place in a file.
  public var fileOffset: Int? { nil }
}
