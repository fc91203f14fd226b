import FoundationEssentials
import Glibc

/// A program could not be started.
package struct SpawnFailure: Error, CustomStringConvertible {
  package let program: String
  package let code: Int32

  package var description: String { "cannot start \(program): \(String(cString: strerror(code)))" }
}

/// Starts a program from the PATH, with empty standard input and no signal blocked.
///
/// - Parameters:
///   - variables: environment variables that it gets in addition to this process's.
///   - inOwnGroup: whether it leads a process group of its own, so that Ctrl-C in the terminal reaches only this process.
///   - redirect: adds the redirections of its output.
package func spawn(
  _ arguments: [String], variables: [String: String] = [:], inOwnGroup: Bool = false,
  redirect: (inout posix_spawn_file_actions_t) -> Void
) throws -> pid_t {
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
  redirect(&actions)

  var attributes = posix_spawnattr_t()
  posix_spawnattr_init(&attributes)
  defer { posix_spawnattr_destroy(&attributes) }
  var noSignals = sigset_t()
  sigemptyset(&noSignals)
  posix_spawnattr_setsigmask(&attributes, &noSignals)
  posix_spawnattr_setpgroup(&attributes, 0)
  posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | (inOwnGroup ? POSIX_SPAWN_SETPGROUP : 0)))

  let environment = ProcessInfo.processInfo.environment.merging(variables) { $1 }
  let words = arguments.map { strdup($0) } + [nil]
  let settings = environment.map { strdup("\($0)=\($1)") } + [nil]
  defer { (words + settings).forEach { free($0) } }
  var child = pid_t()
  let code = posix_spawnp(&child, arguments[0], &actions, &attributes, words, settings)
  guard code == 0 else { throw SpawnFailure(program: arguments[0], code: code) }
  return child
}

/// The exit code for a status from waitpid: the process's own, or 128 plus the number of the signal that ended it, as in
/// a shell.
package func exitCode(ofStatus status: Int32) -> Int32 {
  let signal = status & 0x7f
  return signal == 0 ? (status >> 8) & 0xff : 128 + signal
}
