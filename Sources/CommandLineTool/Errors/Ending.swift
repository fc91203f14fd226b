import ArgumentParser
import Communication
import Glibc
import Platform
import Training

/// How the program ends when something is wrong: one message on standard error, and an exit code of sysexits.h.
enum Ending {
  /// Writes a message for the user, in one piece; there is nobody to tell if that fails.
  static func complain(_ message: String) {
    if let lines = JSONLines.current, message.hasPrefix(warning) {
      lines.warn(String(message.dropFirst(warning.count)))
    } else {
      write(line: "fingerspell: \(message)")
    }
  }

  private static let warning = "warning: "

  /// Ends with an error of parsing (or a request for help), or of the command.
  static func end(with error: any Error) -> Never {
    let code = Fingerspell.exitCode(for: error)
    if code == .success {
      if Launch.environment != nil {
        // Another rank may have been told to do something else.
        Launch.agreed = (try? AgreedOptions.words()) ?? []
        Workers.runRanks { _ in }
      }
      guard Launch.isRoot else { exit(0) }
      Fingerspell.exit(withError: error)
    }
    if code != .failure {
      let words = Array(CommandLine.arguments.dropFirst().drop { $0 == "help" })
      let message = Suggestion.added(to: Fingerspell.fullMessage(for: error), words: words)
      end(.usage, ConfigurationFile.current?.explained(message) ?? message, prefix: "")
    }
    let cause = (error as? WorkerFailure)?.underlying ?? error
    end(FailureKind(of: cause), Advice.message(cause))
  }

  /// Ends because the CPU lacks an instruction set.
  static func refuse(missingFeature feature: String) -> Never {
    end(
      .software,
      "this build uses the instruction set \(feature), which this CPU lacks. Build it for a CPU that every host has, e.g. "
        + "FINGERSPELL_CPU=x86-64-v3 launch/build")
  }

  /// Ends before the workers have joined. Ranks that share a command usually all come here, but one alone may, and not every
  /// launcher ends a job because a rank ends: so the ranks join, and end together.
  private static func end(_ kind: FailureKind, _ message: String, prefix: String = "fingerspell: ") -> Never {
    if Launch.environment != nil {
      let failure = Failure(kind, message.hasPrefix("Error: ") ? String(message.dropFirst(7)) : message)
      Workers.runRanks(after: failure) { _ in throw failure }
    }
    write(line: prefix + message)
    JSONLines.current?.fail(message, exitCode: kind.exitCode)
    exit(kind.exitCode)
  }

  /// Writes a line to standard error, in one piece. Whatever text from outside has got into it, it cannot steer a terminal.
  static func write(line: String) {
    let safe = line.split(separator: "\n", omittingEmptySubsequences: false).map { foreign(String($0), limit: .max) }
    tell(safe.joined(separator: "\n") + "\n")
  }

  /// Writes to standard error, or another descriptor, as long as somebody takes it: a full pipe or a terminal that was stopped must not keep a process
  /// from ending.
  static func tell(_ text: String, to descriptor: Int32 = STDERR_FILENO) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      guard poll(&waiting, 1, 500) > 0 else { return }
      // A pipe that is ready has room for at least so much.
      let written = rest.prefix(Int(PIPE_BUF)).withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if written < 0 && errno != EINTR { return }
      rest = rest.dropFirst(max(0, written))
    }
  }
}
