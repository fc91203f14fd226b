import Platform

/// The state of a worker's process, as seen from its node.
public enum ProcessState: Sendable, Equatable {
  /// Running, or in an ordinary sleep.
  case alive
  /// Stopped by SIGSTOP or a debugger.
  case stopped
  /// In an uninterruptible sleep in the kernel, waiting for a device or a file server.
  case inKernel
  /// Ended.
  case gone
  /// Not visible from this process.
  case unknown

  /// The state of a worker's process.
  ///
  /// - Parameter wasSeen: whether the process was visible before. If it never was, it may be hidden, e.g. in a container.
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
