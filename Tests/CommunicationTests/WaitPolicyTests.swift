import Communication
import Monitoring
import Platform
import Testing

/// How a worker waits, as its heartbeats show it.
@Suite struct WaitPolicyTests {
  /// A worker with a core of its own, and the table with its heartbeats.
  private func waiting() -> (policy: WaitPolicy, table: HeartbeatTable) {
    let table = HeartbeatTable(workers: 1, host: "here")
    let heartbeat = Heartbeat(table, index: 0, rank: 0)
    return (WaitPolicy(workers: 1, cores: 1).reporting(to: heartbeat), table)
  }

  @Test func `A worker whose checks are slow soon shows for whom it waits`() {
    let (policy, table) = waiting()
    var checks = 0
    policy.until(for: 7) {
      checks += 1
      sleepBriefly()
      return table.workersNow[0].waits == .forRank(7) || checks == 1000
    }
    // Half a millisecond of spinning is over at the second look at the clock, whatever the machine does.
    #expect(checks <= 33)
  }

  @Test func `A wait that ends while a worker spins is not shown`() {
    let (policy, table) = waiting()
    var (checks, shown) = (0, false)
    policy.until(for: 7) {
      checks += 1
      shown = shown || table.workersNow[0].waits != .none
      return checks == 16
    }
    #expect(!shown && checks == 16)
  }

  private func sleepBriefly() {
    let start = ContinuousClock.now
    while ContinuousClock.now - start < .milliseconds(1) {}
  }
}
