import Glibc

/// The result of a program that has ended.
package struct ChildOutput: Equatable, Sendable {
  /// Its exit code, or 128 plus the number of the signal that ended it, as in a shell.
  package var exitCode: Int32
  /// Its standard output and its standard error.
  package var output: String, errors: String
}

/// Runs a program from the PATH, with empty standard input, and waits until it has ended. Its output is read while it
/// runs, so that a full pipe never blocks it.
///
/// If a signal asks this process to end, the program and all processes that it started on this machine are ended first;
/// then an `Interruption` is thrown.
package func runChild(_ arguments: [String]) throws -> ChildOutput {
  try HeldSignals.whileHeld { try runHeld(arguments) }
}

private func runHeld(_ arguments: [String]) throws -> ChildOutput {
  let output = try Pipe()
  let errors = try Pipe()
  let job = JobProcesses()
  let child = try spawn(arguments, variables: job.variables) { actions in
    posix_spawn_file_actions_adddup2(&actions, output.writingEnd, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, errors.writingEnd, STDERR_FILENO)
  }
  output.closeWriting()
  errors.closeWriting()
  let texts: [String]
  do {
    texts = try drain([output.reading, errors.reading])
  } catch {
    // mpirun forwards a SIGTERM to the ranks on other hosts; give it up to 3 seconds.
    kill(child, SIGTERM)
    for _ in 0..<30 where !job.members().isEmpty { pause(.milliseconds(100)) }
    job.kill()
    throw error
  }
  var status: Int32 = 0
  while waitpid(child, &status, 0) < 0, errno == EINTR {}
  return ChildOutput(exitCode: exitCode(ofStatus: status), output: texts[0], errors: texts[1])
}

/// A pipe whose ends are closed when it is released.
private final class Pipe {
  let reading: Int32
  private var writing: Int32

  init() throws {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw SpawnFailure(program: "a pipe", code: errno) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    (reading, writing) = (ends[0], ends[1])
  }

  var writingEnd: Int32 { writing }

  func closeWriting() {
    if writing >= 0 { close(writing) }
    writing = -1
  }

  deinit {
    closeWriting()
    close(reading)
  }
}

/// Reads all descriptors to their ends, as data arrives. Throws an `Interruption` if a signal comes.
private func drain(_ descriptors: [Int32]) throws -> [String] {
  var bytes = [[UInt8]](repeating: [], count: descriptors.count)
  var waits = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
  var block = [UInt8](repeating: 0, count: 1 << 16)
  while waits.contains(where: { $0.fd >= 0 }) {
    try HeldSignals.check()
    guard poll(&waits, nfds_t(waits.count), 100) >= 0 || errno == EINTR else { break }
    for index in waits.indices where waits[index].fd >= 0 && waits[index].revents != 0 {
      let count = read(waits[index].fd, &block, block.count)
      if count > 0 {
        bytes[index] += block[..<count]
      } else if count == 0 || errno != EINTR {
        waits[index].fd = -1
      }
      waits[index].revents = 0
    }
  }
  return bytes.map { String(decoding: $0, as: UTF8.self) }
}

/// The most informative line of a failed program's messages: the first one of this program or of a rank that is not a
/// warning, else the first line with letters.
package func tellingLine(of messages: String) -> String {
  let lines = messages.split(whereSeparator: \.isNewline).map(String.init)
  let own = lines.first { line in
    ["fingerspell: ", "rank "].contains(where: line.hasPrefix) && !line.hasPrefix("fingerspell: warning: ")
  }
  let first = lines.first { line in line.contains { $0.isLetter } }
  return own ?? first ?? "it printed no message"
}
