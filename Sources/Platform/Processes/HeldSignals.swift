import Glibc

/// A signal that asks this process to end.
public struct Interruption: Error, CustomStringConvertible, Sendable {
  /// The signal's number.
  public let signal: Int32

  /// `interrupted by signal N`.
  public var description: String { "interrupted by signal \(signal)" }

  /// Ends this process as the signal would have, had it not been blocked.
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

/// The signals that ask a process to end, blocked so that it can first end the processes that it has started.
public enum HeldSignals {
  private static var all: sigset_t {
    var signals = sigset_t()
    sigemptyset(&signals)
    for signal in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, signal) }
    return signals
  }

  /// Blocks these signals; `check()` reports them from now on. Child processes do not inherit the block.
  public static func hold() {
    var signals = all
    sigprocmask(SIG_BLOCK, &signals, nil)
  }

  /// Blocks the signals while `body` runs, then restores the previous signal mask.
  package static func whileHeld<Result>(_ body: () throws -> Result) rethrows -> Result {
    var (signals, before) = (all, sigset_t())
    sigprocmask(SIG_BLOCK, &signals, &before)
    defer { sigprocmask(SIG_SETMASK, &before, nil) }
    return try body()
  }

  /// Throws an `Interruption` if one of the signals is pending.
  package static func check() throws {
    var (signals, noTime) = (all, timespec())
    let signal = sigtimedwait(&signals, nil, &noTime)
    if signal > 0 { throw Interruption(signal: signal) }
  }
}
