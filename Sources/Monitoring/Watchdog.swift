import Glibc
import Platform
import Synchronization

/// How long nothing has been finished, counted in the watchdog's own wakings.
///
/// The wall clock goes on while a whole job is suspended (SIGSTOP, later SIGCONT), and would take it for stalled. So no
/// pause between two wakings counts for more than `longestPause`.
package struct StallClock {
  package static let longestPause = 0.5

  package let limit: Double
  private var beats: Int?
  package private(set) var idle = 0.0

  package init(limit: Double) { self.limit = limit }

  /// Takes the sum of all heartbeats, and the seconds since the last call; says whether the limit is reached.
  package mutating func tick(beats now: Int, elapsed: Double) -> Bool {
    if beats != now {
      beats = now
      idle = 0
      return false
    }
    idle += min(elapsed, Self.longestPause)
    return idle >= limit
  }
}

/// A thread that looks several times a second whether the workers of this node make progress, and reports once when they do not.
///
/// Every process has one. It takes no part in communication, so nothing that a worker waits for can hold it up.
public final class Watchdog: Sendable {
  private static let interval = 0.1
  private static let wakingsBetweenLooks = 5
  /// Looks at which a neighbour's process must be gone before it is reported: launchers end such a job sooner by themselves.
  private static let looksBeforeGone = 4

  private struct State {
    var table: HeartbeatTable?
    var ownRank: Int?
    var isStopped = false
  }

  private let limit: Double
  private let end: @Sendable (StallReport?) -> Void
  private let state = Mutex(State())

  /// Starts to watch; the time until there is a table counts as well.
  ///
  /// - Parameters:
  ///   - limit: the seconds within which something must be finished.
  ///   - end: is called once, on the watchdog's thread, and should end the process. It gets no report where another
  ///     process of the node makes it.
  public init(limit: Double, end: @escaping @Sendable (StallReport?) -> Void) {
    self.limit = limit
    self.end = end
    // If the system refuses the thread, it refuses the workers' as well, and that is reported.
    WorkerThread(stackSize: 512 << 10) { [self] in watch() }?.detach()
  }

  /// The table that tells how the workers get on, and the rank of this process' worker; nil if its workers are threads.
  public func watch(_ table: HeartbeatTable, ownRank: Int?) {
    state.withLock {
      $0.table = table
      $0.ownRank = ownRank
    }
  }

  /// Ends the watch: the work is done.
  public func stop() { state.withLock { $0.isStopped = true } }

  private func watch() {
    Self.blockSignals()
    var clock = StallClock(limit: limit)
    var neighbours = Neighbours()
    var (last, wakings) = (Self.now(), 0)
    while true {
      Self.sleep(Self.interval)
      let now = Self.now()
      let (table, ownRank, isStopped) = state.withLock { ($0.table, $0.ownRank, $0.isStopped) }
      if isStopped { return }
      // Without a table, its coming is the next heartbeat.
      if clock.tick(beats: table?.beats ?? -2, elapsed: now - last) {
        return finish(.nothingFinished(seconds: limit), table, neighbours)
      }
      last = now
      wakings += 1
      guard wakings % Self.wakingsBetweenLooks == 0, let table, !table.isClosed else { continue }
      if neighbours.look(table.workersNow, ownRank: ownRank) >= Self.looksBeforeGone {
        return finish(.processGone, table, neighbours)
      }
    }
  }

  private func finish(_ cause: StallReport.Cause, _ table: HeartbeatTable?, _ neighbours: Neighbours) {
    guard let table else { return end(StallReport(cause: cause, workers: [], hosts: [])) }
    // One report a node; the job ends with it, and whoever is left then ends by itself.
    guard table.claimReport() else {
      Self.sleep(1.5)
      return end(nil)
    }
    let workers = table.workersNow.map {
      StallReport.Worker(heartbeat: $0, state: ProcessState(of: $0, wasSeen: neighbours.seen.contains($0.rank)))
    }
    end(StallReport(cause: cause, workers: workers, hosts: table.hosts))
  }

  /// Handlers of signals run on the workers' threads, whose waiting they are to interrupt.
  private static func blockSignals() {
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_BLOCK, &all, nil)
  }

  private static func sleep(_ seconds: Double) {
    var duration = timespec(tv_sec: Int(seconds), tv_nsec: Int((seconds - seconds.rounded(.down)) * 1e9))
    nanosleep(&duration, nil)
  }

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

/// The other processes of the node. Each process watches its next one only, so that their number costs nothing.
private struct Neighbours {
  /// The ranks whose processes can be seen from here.
  private(set) var seen = Set<Int>()
  private var looksAtGone = 0

  /// Looks; says for how many looks in a row the next process has been gone.
  mutating func look(_ workers: [WorkerSnapshot], ownRank: Int?) -> Int {
    if seen.count < workers.count {
      for worker in workers where !seen.contains(worker.rank) {
        if ProcessState(of: worker, wasSeen: false) != .unknown { seen.insert(worker.rank) }
      }
    }
    guard let ownRank, let own = workers.firstIndex(where: { $0.rank == ownRank }) else { return 0 }
    let next = workers[(own + 1) % workers.count]
    let isGone = !next.hasLeft && seen.contains(next.rank) && ProcessState(of: next, wasSeen: true) == .gone
    looksAtGone = isGone ? looksAtGone + 1 : 0
    return looksAtGone
  }
}
