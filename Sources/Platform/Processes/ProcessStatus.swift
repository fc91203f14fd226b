import Glibc

/// The kernel's status of a process on this host, or of one of its threads: `/proc/PID/stat` and
/// `/proc/PID/task/TID/stat`, see proc(5).
package struct ProcessStatus: Equatable, Sendable {
  /// The program's name, truncated to 15 bytes.
  package let name: String
  /// The state: R, S, D, T, t, Z, X or I.
  package let state: UInt8
  /// The parent's process ID.
  package let parent: Int
  /// The start time in clock ticks since boot. It tells a process from an earlier one with the same ID.
  package let startTime: Int

  /// The status of a process or of one of its threads; nil if it does not exist or cannot be read.
  package init?(process: Int, thread: Int? = nil) {
    self.init(path: "/proc/\(process)" + (thread.map { "/task/\($0)" } ?? "") + "/stat")
  }

  /// The status of this process.
  package static var own: ProcessStatus? { ProcessStatus(path: "/proc/self/stat") }

  private init?(path: String) {
    guard let file = try? OpenFile(path, O_RDONLY) else { return nil }
    let status = withUnsafeTemporaryAllocation(byteCount: 2048, alignment: 1) { buffer in
      (try? file.read(into: buffer)).flatMap { ProcessStatus(parsing: UnsafeRawBufferPointer(rebasing: buffer[..<$0])) }
    }
    guard let status else { return nil }
    self = status
  }

  /// Parses a line like `812 (mpirun) S 640 ...`. The name may contain anything, even parentheses, so fields are counted
  /// from the last closing one: the state is field 3, the parent field 4, the start time field 22.
  package init?(parsing text: UnsafeRawBufferPointer) {
    guard let begin = text.firstIndex(of: UInt8(ascii: "(")), let end = text.lastIndex(of: UInt8(ascii: ")")),
      begin < end
    else { return nil }
    let fields = text[(end + 1)...].split(whereSeparator: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") })
    guard fields.count > 19, let state = fields[0].first, fields[0].count == 1,
      let parent = Self.number(fields[1]), let startTime = Self.number(fields[19])
    else { return nil }
    name = String(decoding: text[(begin + 1)..<end], as: UTF8.self)
    self.state = state
    self.parent = parent
    self.startTime = startTime
  }

  private static func number(_ digits: Slice<UnsafeRawBufferPointer>) -> Int? {
    Int(String(decoding: digits, as: UTF8.self))
  }

  /// The kernel's ID of the calling thread: the last component of the link /proc/thread-self, `PID/task/TID`.
  package static var ownThread: Int {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
      let count = readlink("/proc/thread-self", buffer.baseAddress!, buffer.count)
      let path = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
      return path.split(separator: "/").last.flatMap { Int($0) } ?? Int(getpid())
    }
  }
}
