import Glibc

/// What the kernel says about a thread of a process of this node (`/proc/PID/task/TID/stat`, see proc(5)).
enum ProcessTable {
  /// The parts of an entry that are of use here.
  struct Entry: Equatable {
    /// The state's letter: R, S, D, T, t, Z, X, I.
    let state: UInt8
    /// When the thread was started, in clock ticks since the machine was; a number that came into use again has another.
    let startTime: Int
  }

  /// The kernel's number of the calling thread: the last part of what /proc/thread-self points to, `PID/task/TID`.
  static var ownThread: Int {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
      let count = readlink("/proc/thread-self", buffer.baseAddress!, buffer.count)
      let path = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
      return path.split(separator: "/").last.flatMap { Int($0) } ?? Int(getpid())
    }
  }

  /// The entry; nil where there is none, or none that may be seen.
  static func entry(process: Int, thread: Int) -> Entry? {
    let file = open("/proc/\(process)/task/\(thread)/stat", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    return withUnsafeTemporaryAllocation(byteCount: 2048, alignment: 1) { buffer in
      let count = read(file, buffer.baseAddress, buffer.count)
      return count > 0 ? parse(UnsafeRawBufferPointer(rebasing: buffer[..<count])) : nil
    }
  }

  /// Takes an entry apart. The second field, the name in parentheses, may hold anything, so what counts begins behind the
  /// last parenthesis: the state is field 3, the start time field 22.
  static func parse(_ text: UnsafeRawBufferPointer) -> Entry? {
    guard let end = text.lastIndex(of: UInt8(ascii: ")")) else { return nil }
    let fields = text[(end + 1)...].split(whereSeparator: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") })
    guard fields.count > 19, let state = fields[0].first, fields[0].count == 1 else { return nil }
    var startTime = 0
    for digit in fields[19] {
      guard (48...57).contains(digit) else { return nil }
      startTime = startTime &* 10 &+ Int(digit &- 48)
    }
    return Entry(state: state, startTime: startTime)
  }
}

/// What became of a worker's process, as far as can be seen from its node.
public enum ProcessState: Sendable, Equatable {
  /// It runs, or sleeps in an orderly way.
  case alive
  /// It was stopped: SIGSTOP, or a debugger.
  case stopped
  /// It is inside the kernel and waits for a device or a file server.
  case inKernel
  /// It has ended.
  case gone
  /// It cannot be seen from here.
  case unknown

  /// The state of a worker.
  ///
  /// - Parameter wasSeen: whether the process was seen before. What never was may be hidden, e.g. by a container's border.
  init(of worker: WorkerSnapshot, wasSeen: Bool) {
    let entry = ProcessTable.entry(process: worker.process, thread: worker.thread)
    guard wasSeen || entry?.startTime == worker.startTime else {
      self = .unknown
      return
    }
    guard let entry, entry.startTime == worker.startTime else {
      self = .gone
      return
    }
    switch entry.state {
    case UInt8(ascii: "T"), UInt8(ascii: "t"): self = .stopped
    case UInt8(ascii: "D"): self = .inKernel
    case UInt8(ascii: "Z"), UInt8(ascii: "X"): self = .gone
    default: self = .alive
    }
  }
}
