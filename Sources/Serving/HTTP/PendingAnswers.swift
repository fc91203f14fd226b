import Glibc
import Platform
import Synchronization

/// Answers that other threads have made, and the pipe that wakes the server for them.
final class PendingAnswers: Sendable {
  /// An answer, and the connection that waits for it.
  struct Answer {
    let connection: Int
    let response: HTTPResponse
  }

  private let answers = Mutex<[Answer]>([])
  private let writeEnd: Int32
  /// Readable as soon as there are answers.
  let readEnd: Int32

  init() throws {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else {
      throw Failure(.unavailable, "cannot open a pipe: \(String(cString: strerror(errno)))")
    }
    ends.forEach(Connection.prepare)
    (readEnd, writeEnd) = (ends[0], ends[1])
  }

  deinit {
    close(readEnd)
    close(writeEnd)
  }

  func add(_ answer: Answer) {
    let isFirst = answers.withLock { answers in
      answers.append(answer)
      return answers.count == 1
    }
    if isFirst { _ = write(writeEnd, [0], 1) }
  }

  func take() -> [Answer] {
    var bytes = [UInt8](repeating: 0, count: 64)
    while read(readEnd, &bytes, bytes.count) == bytes.count {}
    return answers.withLock { answers in
      defer { answers = [] }
      return answers
    }
  }
}
