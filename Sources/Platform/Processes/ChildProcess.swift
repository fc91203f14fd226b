import Glibc

/// What a program did that was started and waited for.
package struct ChildOutput: Equatable, Sendable {
  /// How it ended: its exit code, or 128 and the signal's number, as a shell says it.
  package var exitCode: Int32
  /// Its standard output and its standard error.
  package var output: String, errors: String
}

/// Starts a program, which is looked for on the PATH, with nothing to read, and returns once it has ended. Its output is
/// read while it runs, so that a full pipe never stops it.
///
/// A signal that asks this process to end ends the program first, with all that it has started, wherever that runs on this
/// machine; then an `Interruption` is thrown.
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
    // mpirun passes a SIGTERM on to the ranks of other hosts, and has a moment for it.
    kill(child, SIGTERM)
    for _ in 0..<30 where !job.members().isEmpty { pause(.milliseconds(100)) }
    job.kill()
    throw error
  }
  var status: Int32 = 0
  while waitpid(child, &status, 0) < 0, errno == EINTR {}
  return ChildOutput(exitCode: exitCode(ofStatus: status), output: texts[0], errors: texts[1])
}

/// A pipe whose ends close themselves.
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

/// Reads all descriptors to their ends, whichever has something to read. Throws an `Interruption` if one comes.
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

/// The line of a failed program's messages that says most: our own, which names this program or a rank, before what only
/// warns; or else the first.
package func tellingLine(of messages: String) -> String {
  let lines = messages.split(whereSeparator: \.isNewline).map(String.init)
  let own = lines.first { line in
    ["fingerspell: ", "rank "].contains(where: line.hasPrefix) && !line.hasPrefix("fingerspell: warning: ")
  }
  let first = lines.first { line in line.contains { $0.isLetter } }
  return own ?? first ?? "it said nothing"
}
