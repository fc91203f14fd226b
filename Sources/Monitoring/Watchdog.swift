import Glibc
import Platform
import Synchronization

/// Measures how long there has been no heartbeat, in time during which the watchdog itself was running.
///
/// By the wall clock, a job that was suspended as a whole (SIGSTOP, later SIGCONT) would count as stalled. So the time
/// between two wake-ups counts for at most `longestPause`.
package struct StallClock {
  package static let longestPause = 0.5

  package let limit: Double
  private var beats: Int?
  package private(set) var idle = 0.0

  package init(limit: Double) { self.limit = limit }

  /// Updates the clock with the sum of all heartbeats and the seconds since the last call; returns whether the limit is
  /// reached.
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

/// A thread that checks several times per second whether the workers of this node make progress, and reports a stall
/// once.
///
/// Every process has one. It takes no part in communication, so it cannot hang with the workers.
public final class Watchdog: Sendable {
  private static let interval = 0.1
  private static let wakeUpsPerLook = 5
  /// The number of consecutive looks at which a neighbour's process must be gone before it is reported: until then the
  /// launcher usually ends the job by itself.
  private static let looksBeforeGone = 4

  private struct State {
    var table: HeartbeatTable?
    var ownRank: Int?
    var isStopped = false
  }

  private let limit: Double
  private let end: @Sendable (StallReport?) -> Void
  private let state = Mutex(State())

  /// Starts watching; the time until there is a heartbeat table counts as well.
  ///
  /// - Parameters:
  ///   - limit: the stall timeout in seconds.
  ///   - end: called once, on the watchdog's thread; should end the process. Its argument is nil if another process of
  ///     the node makes the report.
  public init(limit: Double, end: @escaping @Sendable (StallReport?) -> Void) {
    self.limit = limit
    self.end = end
    // If the system cannot create this thread, it cannot create the workers' threads either, and that is reported.
    WorkerThread(stackSize: 512 << 10) { [self] in watch() }?.detach()
  }

  /// Sets the heartbeat table to watch.
  ///
  /// - Parameter ownRank: the rank of this process; nil if its workers are threads.
  public func watch(_ table: HeartbeatTable, ownRank: Int?) {
    state.withLock {
      $0.table = table
      $0.ownRank = ownRank
    }
  }

  /// Stops watching: the work is done.
  public func stop() { state.withLock { $0.isStopped = true } }

  private func watch() {
    Self.blockSignals()
    var clock = StallClock(limit: limit)
    var neighbours = Neighbours()
    var (last, wakeUps) = (Self.now(), 0)
    while true {
      Self.sleep(Self.interval)
      let now = Self.now()
      let (table, ownRank, isStopped) = state.withLock { ($0.table, $0.ownRank, $0.isStopped) }
      if isStopped { return }
      // Until there is a table, its arrival is the next heartbeat.
      if clock.tick(beats: table?.beats ?? -2, elapsed: now - last) {
        return finish(.nothingFinished(seconds: limit), table, neighbours)
      }
      last = now
      wakeUps += 1
      guard wakeUps % Self.wakeUpsPerLook == 0, let table, !table.isClosed else { continue }
      if neighbours.look(table.workersNow, ownRank: ownRank) >= Self.looksBeforeGone {
        return finish(.processGone, table, neighbours)
      }
    }
  }

  private func finish(_ cause: StallReport.Cause, _ table: HeartbeatTable?, _ neighbours: Neighbours) {
    guard let table else { return end(StallReport(cause: cause, workers: [], hosts: [])) }
    // One report per node. The reporting process ends the job; this one ends by itself if it still runs then.
    guard table.claimReport() else {
      Self.sleep(1.5)
      return end(nil)
    }
    let workers = table.workersNow.map {
      StallReport.Worker(heartbeat: $0, state: ProcessState(of: $0, wasSeen: neighbours.seen.contains($0.rank)))
    }
    end(StallReport(cause: cause, workers: workers, hosts: table.hosts))
  }

  /// Signal handlers must run on the workers' threads, to interrupt their waits.
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

/// The other processes of the node. Each process watches only the next one, so the cost does not grow with their number.
private struct Neighbours {
  /// The ranks whose processes are visible from this one.
  private(set) var seen = Set<Int>()
  private var looksAtGone = 0

  /// Looks at the next process; returns the number of consecutive looks at which it was gone.
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
