import Glibc

/// A signal that asks this process to end.
public struct Interruption: Error, CustomStringConvertible, Sendable {
  /// Its number.
  public let signal: Int32

  /// What happened.
  public var description: String { "interrupted by signal \(signal)" }

  /// Ends this process as the signal would have, had it not been held back.
  public func endProcess() -> Never {
    Glibc.signal(signal, SIG_DFL)
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, signal)
    raise(signal)
    sigprocmask(SIG_UNBLOCK, &signals, nil)
    exit(128 + signal)
  }
}

/// The signals that ask a process to end, held back so that it can first end the processes that it has started.
public enum HeldSignals {
  private static var all: sigset_t {
    var signals = sigset_t()
    sigemptyset(&signals)
    for signal in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, signal) }
    return signals
  }

  /// From now on these signals wait until `check()` asks for them. Programs that are started do not inherit this.
  public static func hold() {
    var signals = all
    sigprocmask(SIG_BLOCK, &signals, nil)
  }

  /// Holds them back while `body` runs; what was held back before stays so.
  package static func whileHeld<Result>(_ body: () throws -> Result) rethrows -> Result {
    var (signals, before) = (all, sigset_t())
    sigprocmask(SIG_BLOCK, &signals, &before)
    defer { sigprocmask(SIG_SETMASK, &before, nil) }
    return try body()
  }

  /// Throws an `Interruption` if one has come.
  package static func check() throws {
    var (signals, noTime) = (all, timespec())
    let signal = sigtimedwait(&signals, nil, &noTime)
    if signal > 0 { throw Interruption(signal: signal) }
  }
}
