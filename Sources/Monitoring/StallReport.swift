import Platform

/// A report on a stall (hang), as seen from one node: which workers the others wait for, derived from the heartbeats of
/// the node's workers and the states of their processes.
public struct StallReport: Sendable, Equatable {
  /// The reason for a report.
  public enum Cause: Sendable, Equatable {
    /// No worker of the node sent a heartbeat for this many seconds.
    case nothingFinished(seconds: Double)
    /// A worker's process ended before its work was done.
    case processGone
  }

  /// A worker of this node, and the state of its process.
  public struct Worker: Sendable, Equatable {
    /// The worker's state, from its heartbeats.
    public var heartbeat: WorkerSnapshot
    /// The state of its process, from the kernel.
    public var state: ProcessState

    /// A worker in this state.
    public init(heartbeat: WorkerSnapshot, state: ProcessState) {
      self.heartbeat = heartbeat
      self.state = state
    }
  }

  /// The reason for the report.
  public let cause: Cause
  /// The workers of the node.
  public let workers: [Worker]
  /// The host of every rank of the job.
  public let hosts: [String]

  /// A report on these workers.
  public init(cause: Cause, workers: [Worker], hosts: [String]) {
    self.cause = cause
    self.workers = workers
    self.hosts = hosts
  }

  /// The workers of this node that did not arrive: their process has ended or was stopped, or they are not waiting for
  /// anyone.
  public var missing: [Worker] {
    workers.filter { worker in
      if worker.heartbeat.hasLeft { return false }
      switch worker.state {
      case .gone, .stopped: return true
      case .alive, .inKernel, .unknown:
        return worker.heartbeat.waits == .none && cause != .processGone
      }
    }
  }

  /// The ranks on other nodes that workers of this node wait for, ascending.
  public var awaitedElsewhere: [Int] {
    let here = Set(workers.map(\.heartbeat.rank))
    var ranks = Set<Int>()
    for worker in waiting {
      if case .forRank(let rank) = worker.heartbeat.waits, !here.contains(rank) { ranks.insert(rank) }
    }
    return ranks.sorted()
  }

  /// The workers that wait for others.
  private var waiting: [Worker] {
    let missing = Set(missing.map(\.heartbeat.rank))
    return workers.filter { !$0.heartbeat.hasLeft && !missing.contains($0.heartbeat.rank) }
  }

  /// The report as text: the cause, a line per rank that did not arrive, and what the others are doing.
  public var text: String {
    var lines: [String] = []
    switch cause {
    case .nothingFinished(let seconds):
      lines.append("no progress for \(Self.text(seconds)) s: ending the job.")
    case .processGone: lines.append("a process of the job ended before its work was done: ending the job.")
    }
    for worker in missing { lines.append("  " + missingLine(worker)) }
    for rank in awaitedElsewhere where missing.isEmpty {
      lines.append("  \(noun) \(rank)\(location(rank)) did not arrive: its message is missing")
    }
    lines += waitingLines().map { "  " + $0 }
    if workers.isEmpty {
      lines.append("  the workers are not connected yet: the launcher or another worker hangs at startup")
    } else if missing.isEmpty, awaitedElsewhere.isEmpty {
      lines.append(
        "  cannot identify the failed \(noun): every \(noun) on this host is waiting; suspect the host that printed no report"
      )
    }
    return lines.joined(separator: "\n")
  }

  private func missingLine(_ worker: Worker) -> String {
    let activity = worker.heartbeat.activity.description(number: worker.heartbeat.number)
    let what =
      switch worker.state {
      case .gone: "its process is gone: it was killed, or ended too early"
      case .stopped: "its process is stopped, by SIGSTOP or a debugger"
      case .inKernel: "its process is blocked on input or output in the kernel"
      case .alive: "its process is running but makes no progress"
      case .unknown: "its process is not visible from here"
      }
    let number = isThreads ? "thread \(worker.heartbeat.thread)" : "process \(worker.heartbeat.process)"
    let who = "\(noun) \(worker.heartbeat.rank)\(location(worker.heartbeat.rank))"
    return "\(who) did not arrive: \(what) (\(number)); last seen in \(activity)"
  }

  /// The waiting workers, one line per group that waits for the same rank in the same activity.
  private func waitingLines() -> [String] {
    struct Kind: Hashable {
      let activity: String
      let waits: WorkerSnapshot.Wait
    }
    var ranks: [Kind: [Int]] = [:]
    for worker in waiting {
      let kind = Kind(
        activity: worker.heartbeat.activity.description(number: worker.heartbeat.number), waits: worker.heartbeat.waits)
      ranks[kind, default: []].append(worker.heartbeat.rank)
    }
    return ranks.sorted { $0.value[0] < $1.value[0] }.map { kind, ranks in
      let numbers = ranks.map(String.init).joined(separator: ", ")
      let who = "\(noun)\(ranks.count > 1 ? "s" : "") \(numbers)\(location(ranks[0]))"
      let verb = ranks.count > 1 ? "wait" : "waits"
      switch kind.waits {
      case .forRank(let rank): return "\(who) \(verb) for \(noun) \(rank) in \(kind.activity)"
      case .forAnyone: return "\(who) \(verb) in \(kind.activity)"
      case .none: return "\(who): working on \(kind.activity)"
      }
    }
  }

  private var isThreads: Bool { workers.contains { $0.heartbeat.process != $0.heartbeat.thread } }
  private var noun: String { isThreads ? "worker" : "rank" }
  private func location(_ rank: Int) -> String { hosts.indices.contains(rank) ? " on \(hosts[rank])" : "" }

  private static func text(_ seconds: Double) -> String {
    seconds == seconds.rounded() ? "\(Int(seconds))" : "\(seconds)"
  }
}
