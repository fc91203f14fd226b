import Platform

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
  package init(of worker: WorkerSnapshot, wasSeen: Bool) {
    let entry = ProcessStatus(process: worker.process, thread: worker.thread)
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
