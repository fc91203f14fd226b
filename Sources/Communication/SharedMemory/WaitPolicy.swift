import Glibc
import Monitoring

/// How a worker waits for others: it spins for a few microseconds, then yields its core for as long as a training step
/// may take, then sleeps, longer each time.
///
/// Only groups with at least one core per worker spin. With more workers than cores, the awaited worker may need this
/// very core, so waiting starts by yielding.
public struct WaitPolicy: Sendable {
  /// The number of checks of the condition before the first yield; about 1 ns each in shared memory.
  static let spins = 4096

  /// The longest time for which a worker spins, in nanoseconds. A check that calls the MPI library may itself yield, and on a busy
  /// machine take milliseconds; a rank that spins does not show that it waits, and would be taken for the one that is stuck.
  static let spinningTime: Int64 = 500_000

  /// The number of checks between two looks at the clock.
  static let spinsPerLook = 16

  /// The time for which a worker yields before it sleeps, in nanoseconds.
  static let yieldingTime: Int64 = 2_000_000

  /// The first and the longest sleep, in nanoseconds; each sleep is twice as long as the one before.
  static let shortestSleep = 50_000
  static let longestSleep = 1_000_000

  /// Whether to spin before yielding.
  public let spinsFirst: Bool

  /// The heartbeats that show that the worker waits; nil for none.
  private var heartbeat: Heartbeat?

  /// The policy for `workers` workers on `cores` cores.
  ///
  /// - Parameters:
  ///   - workers: the number of workers on the node.
  ///   - cores: the number of cores that they may use.
  public init(workers: Int, cores: Int) {
    spinsFirst = workers <= cores
  }

  /// The same policy for a worker whose heartbeats show when it waits.
  public func reporting(to heartbeat: Heartbeat) -> WaitPolicy {
    var waiting = self
    waiting.heartbeat = heartbeat
    return waiting
  }

  /// Waits until `isDone` returns true; rethrows its errors.
  ///
  /// - Parameter rank: the rank that the worker waits for, if known.
  @inline(__always)
  public func until(for rank: Int? = nil, _ isDone: () throws -> Bool) rethrows {
    if spinsFirst {
      for _ in 0..<Self.spinsPerLook where try isDone() { return }
      if try spin(isDone) { return }
    } else if try isDone() {
      return
    }
    try yieldUntil(rank, isDone)
  }

  /// Checks the condition until the spins or their time are over; whether it became true.
  @inline(__always)
  private func spin(_ isDone: () throws -> Bool) rethrows -> Bool {
    let start = Self.now()
    for _ in 1..<Self.spins / Self.spinsPerLook {
      for _ in 0..<Self.spinsPerLook where try isDone() { return true }
      if Self.now() - start > Self.spinningTime { return false }
    }
    return false
  }

  @inline(never)
  private func yieldUntil(_ rank: Int?, _ isDone: () throws -> Bool) rethrows {
    // Heartbeats show only waits that outlast the spinning: shorter ones cost nothing.
    guard let heartbeat else { return try yieldUntil(isDone) }
    try heartbeat.whileWaiting(for: rank) { try yieldUntil(isDone) }
  }

  private func yieldUntil(_ isDone: () throws -> Bool) rethrows {
    let start = Self.now()
    repeat {
      sched_yield()
      if try isDone() { return }
    } while Self.now() - start < Self.yieldingTime

    var pause = Self.shortestSleep
    while try !isDone() {
      var duration = timespec(tv_sec: 0, tv_nsec: pause)
      nanosleep(&duration, nil)
      pause = min(2 * pause, Self.longestSleep)
    }
  }

  private static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
