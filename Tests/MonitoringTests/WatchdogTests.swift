import Communication
import Monitoring
import Platform
import Synchronization
import TestTags
import Testing

/// Who is named for which heartbeats and states.
@Suite("A stall report names the worker that did not arrive", .tags(.pure))
struct StallReportTests {
  private static let hosts = ["node1", "node1", "node2", "node2"]

  private static func worker(
    _ rank: Int, _ waits: WorkerSnapshot.Wait = .forAnyone, _ state: ProcessState = .alive,
    activity: Activity = .reduction,
    number: Int = 17
  ) -> StallReport.Worker {
    let heartbeat = WorkerSnapshot(
      rank: rank, process: 4000 + rank, thread: 4000 + rank, activity: activity, number: number, waits: waits)
    return StallReport.Worker(heartbeat: heartbeat, state: state)
  }

  private static func report(
    _ workers: [StallReport.Worker], _ cause: StallReport.Cause = .nothingFinished(seconds: 3)
  ) -> StallReport {
    StallReport(cause: cause, workers: workers, hosts: hosts)
  }

  private static func text(_ report: StallReport) -> [String] {
    report.text.split(separator: "\n").map(String.init)
  }

  static let states: [(ProcessState, WorkerSnapshot.Wait, String)] = [
    (.stopped, .forAnyone, "its process is stopped, by SIGSTOP or a debugger"),
    (.stopped, .none, "its process is stopped, by SIGSTOP or a debugger"),
    (.gone, .none, "its process is gone: it was killed, or ended too early"),
    (.inKernel, .none, "its process is blocked on input or output in the kernel"),
    (.alive, .none, "its process is running but makes no progress"),
    (.unknown, .none, "its process is not visible from here"),
  ]

  @Test(arguments: states.indices)
  func `The missing worker is named, with its state`(index: Int) {
    let (state, waits, words) = Self.states[index]
    let report = Self.report([Self.worker(0), Self.worker(1, waits, state, activity: .step)])
    #expect(report.missing.map(\.heartbeat.rank) == [1])
    #expect(
      Self.text(report) == [
        "no progress for 3 s: ending the job.",
        "  rank 1 on node1 did not arrive: \(words) (process 4001); last seen in step 17, forward and backward",
        "  rank 0 on node1 waits in step 17, gradient reduction and update",
      ])
  }

  @Test func `Workers that wait alike share a line`() {
    let report = Self.report([Self.worker(0), Self.worker(1, .none), Self.worker(2), Self.worker(3, number: 18)])
    #expect(
      Self.text(report).dropFirst(2) == [
        "  ranks 0, 2 on node1 wait in step 17, gradient reduction and update",
        "  rank 3 on node2 waits in step 18, gradient reduction and update",
      ])
  }

  @Test func `A rank of another node is named by those that wait for it`() {
    let report = Self.report([Self.worker(0, .forRank(3)), Self.worker(1, .forRank(0))])
    #expect(report.missing.isEmpty)
    #expect(report.awaitedElsewhere == [3])
    #expect(
      Self.text(report) == [
        "no progress for 3 s: ending the job.",
        "  rank 3 on node2 did not arrive: its message is missing",
        "  rank 0 on node1 waits for rank 3 in step 17, gradient reduction and update",
        "  rank 1 on node1 waits for rank 0 in step 17, gradient reduction and update",
      ])
  }

  @Test func `A rank of another node is not blamed for one of this node`() {
    let report = Self.report([Self.worker(0, .forRank(3)), Self.worker(1, .forAnyone, .stopped)])
    #expect(Self.text(report).filter { $0.contains("did not arrive") }.count == 1)
  }

  @Test func `A process that ended is named alone while the others work`() {
    let report = Self.report([Self.worker(0, .none), Self.worker(1, .none, .gone)], .processGone)
    #expect(report.missing.map(\.heartbeat.rank) == [1])
    #expect(Self.text(report).last == "  rank 0 on node1: working on step 17, gradient reduction and update")
  }

  @Test func `A worker that has finished is not missed`() {
    var through = Self.worker(1, .none, .gone)
    through.heartbeat.hasLeft = true
    #expect(Self.report([Self.worker(0), through]).missing.isEmpty)
  }

  @Test func `Nobody is named without evidence`() {
    #expect(
      Self.text(Self.report([Self.worker(0), Self.worker(1)])).last?.contains("cannot identify the failed rank") == true
    )
    #expect(Self.text(Self.report([])).last?.contains("the workers are not connected yet") == true)
  }
}

@Suite("The watchdog acts on missing heartbeats alone", .tags(.threads))
struct WatchdogTests {
  @Test func `Only time without heartbeats counts`() {
    var clock = StallClock(limit: 1)
    let ticks = [(1, 0.4), (1, 0.4), (1, 0.4), (2, 0.4), (2, 0.4), (2, 0.4), (2, 0.4)]
    let reached = ticks.map { beats, elapsed in clock.tick(beats: beats, elapsed: elapsed) }
    #expect(reached == [false, false, false, false, false, false, true])
  }

  @Test func `A suspended job is not stalled`() {
    var clock = StallClock(limit: 1)
    _ = clock.tick(beats: 1, elapsed: 0.1)
    let reached = clock.tick(beats: 1, elapsed: 3600)
    #expect(!reached)
    #expect(clock.idle == StallClock.longestPause)
  }

  /// A worker that sleeps while the others wait for it is named; when it comes after all, everything continues.
  @Test func `A thread that does not arrive is named`() throws {
    let reports = Mutex<[StallReport]>([])
    let isReported = Mutex(false)
    let table = HeartbeatTable(workers: 3, host: "here")
    let watchdog = Watchdog(limit: 1) { report in
      reports.withLock { $0.append(contentsOf: [report].compactMap { $0 }) }
      isReported.withLock { $0 = true }
    }
    watchdog.watch(table, ownRank: nil)
    defer { watchdog.stop() }
    _ = try ThreadGroup.run(workers: 3, heartbeats: table) { communicator in
      communicator.heartbeat.enter(.step, number: 5)
      if communicator.rank == 1 {
        WaitPolicy(workers: 2, cores: 1).until { isReported.withLock { $0 } }
      }
      try communicator.barrier()
    }
    let found = reports.withLock { $0 }
    #expect(found.count == 1)
    #expect(found.first?.missing.map(\.heartbeat.rank) == [1])
    let text = found.first?.text ?? ""
    #expect(text.contains("worker 1 on here did not arrive: its process is running"))
    #expect(text.contains("workers 0, 2 on here wait in step 5, forward and backward"))
  }
}
