import Glibc

/// A program that runs while something else is done: it is watched, signalled, and waited for with a time limit. One that
/// still runs when this value goes is killed.
package struct RunningProcess: ~Copyable {
  /// The process's number.
  package let id: pid_t
  /// How it ended, as a shell says it; nil while it runs.
  package private(set) var exitCode: Int32?

  /// Starts a program in a process group of its own; what it prints is added to the file `log`.
  ///
  /// - Parameter variables: what its environment has besides this process's.
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

  /// What a wait came to.
  package enum Waiting: Equatable, Sendable {
    /// The condition holds.
    case met
    /// The process has ended first.
    case ended
    /// The time was over first.
    case timedOut
  }

  /// Waits until a condition holds, the process has ended, or the time is over.
  ///
  /// - Parameter interval: the pause between two looks.
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

/// Sleeps.
package func pause(_ time: Duration) {
  let (seconds, attoseconds) = time.components
  var rest = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
  nanosleep(&rest, nil)
}
