import Glibc

/// A program that runs in the background: it can be polled, signalled, and waited for with a time limit. It is killed if
/// it still runs when this value is destroyed.
package struct RunningProcess: ~Copyable {
  /// The process ID.
  package let id: pid_t
  /// Its exit code as a shell reports it; nil while it runs.
  package private(set) var exitCode: Int32?

  /// Starts a program in a process group of its own; its output is appended to the file `log`.
  ///
  /// - Parameter variables: environment variables that it gets in addition to this process's.
  package init(_ arguments: [String], variables: [String: String] = [:], log: String) throws {
    id = try spawn(arguments, variables: variables, inOwnGroup: true) { actions in
      posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log, O_WRONLY | O_CREAT | O_APPEND, 0o666)
      posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
    }
  }

  deinit {
    guard exitCode == nil else { return }
    kill(id, SIGKILL)
    while waitpid(id, nil, 0) < 0, errno == EINTR {}
  }

  /// Whether it has ended.
  package mutating func hasEnded() -> Bool {
    guard exitCode == nil else { return true }
    var status: Int32 = 0
    guard waitpid(id, &status, WNOHANG) == id else { return false }
    exitCode = Platform.exitCode(ofStatus: status)
    return true
  }

  /// Sends a signal, if it still runs.
  package func send(_ signal: Int32) {
    if exitCode == nil { kill(id, signal) }
  }

  /// How a wait ended.
  package enum Waiting: Equatable, Sendable {
    /// The condition holds.
    case met
    /// The process ended first.
    case ended
    /// The time limit passed first.
    case timedOut
  }

  /// Waits until a condition holds, the process ends, or the time limit passes.
  ///
  /// - Parameter interval: the time between two checks.
  package mutating func wait(
    limit: Duration, interval: Duration = .milliseconds(2), until condition: () throws -> Bool = { false }
  ) throws -> Waiting {
    let end = ContinuousClock.now + limit
    while true {
      try HeldSignals.check()
      if hasEnded() { return .ended }
      if try condition() { return .met }
      if ContinuousClock.now > end { return .timedOut }
      pause(interval)
    }
  }
}

/// Sleeps for `time`, or until a signal arrives.
package func pause(_ time: Duration) {
  let (seconds, attoseconds) = time.components
  var rest = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
  nanosleep(&rest, nil)
}
