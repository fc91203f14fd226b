import Platform

/// Who keeps the workers waiting, as far as one node can see: worked out from the heartbeats of its workers and the states of
/// their processes.
public struct StallReport: Sendable, Equatable {
  /// Why the report is made.
  public enum Cause: Sendable, Equatable {
    /// No worker of the node finished anything for that many seconds.
    case nothingFinished(seconds: Double)
    /// A process has ended in the middle of the work.
    case processGone
  }

  /// A worker of this node, and the state of its process.
  public struct Worker: Sendable, Equatable {
    /// What its heartbeats say.
    public var heartbeat: WorkerSnapshot
    /// What the kernel says.
    public var state: ProcessState

    /// A worker.
    public init(heartbeat: WorkerSnapshot, state: ProcessState) {
      self.heartbeat = heartbeat
      self.state = state
    }
  }

  /// Why the report is made.
  public let cause: Cause
  /// The workers of the node.
  public let workers: [Worker]
  /// The host of every rank of the job.
  public let hosts: [String]

  /// A report.
  public init(cause: Cause, workers: [Worker], hosts: [String]) {
    self.cause = cause
    self.workers = workers
    self.hosts = hosts
  }

  /// The workers of this node that did not arrive: whose process has ended or was stopped, or that compute without an end.
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

  /// The ranks of other nodes that workers of this node wait for, ascending.
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

  /// The report for the user: the cause, a line for each rank that did not arrive, and what the others do.
  public var text: String {
    var lines: [String] = []
    switch cause {
    case .nothingFinished(let seconds):
      lines.append("no progress for \(Self.text(seconds)) s, so the job ends.")
    case .processGone: lines.append("a process of the job has ended in the middle of the work, so the job ends.")
    }
    for worker in missing { lines.append("  " + missingLine(worker)) }
    for rank in awaitedElsewhere where missing.isEmpty {
      lines.append("  \(noun) \(rank)\(location(rank)) did not arrive: its message is missing")
    }
    lines += waitingLines().map { "  " + $0 }
    if workers.isEmpty {
      lines.append("  the workers have not met: the launcher or another worker hangs in its start")
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
      case .gone: "its process is gone: killed, or ended too early"
      case .stopped: "its process is stopped, by SIGSTOP or a debugger"
      case .inKernel: "its process is stuck in input or output inside the kernel"
      case .alive: "its process runs, but does not finish what it does"
      case .unknown: "its process cannot be seen from here"
      }
    let number = isThreads ? "thread \(worker.heartbeat.thread)" : "process \(worker.heartbeat.process)"
    let who = "\(noun) \(worker.heartbeat.rank)\(location(worker.heartbeat.rank))"
    return "\(who) did not arrive: \(what) (\(number)); last seen in \(activity)"
  }

  /// The waiting workers, those that wait alike on one line.
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
      case .none: return "\(who): at work in \(kind.activity)"
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
