import Glibc
import Monitoring

/// How a worker waits for others, in one place: spin for a few microseconds, then give the core away for as long as a step
/// may last, then sleep, longer each time.
///
/// Spinning is only for groups with a core for each worker. With more workers than cores the awaited worker may need this
/// very core, so waiting starts by yielding: the group slows down by its share of the cores and no more.
public struct WaitPolicy: Sendable {
  /// Looks at the condition before the core is first given away; about 1 ns each.
  static let spins = 4096

  /// How long a worker yields before it sleeps, in nanoseconds.
  static let yieldingTime: Int64 = 2_000_000

  /// The first and the longest sleep, in nanoseconds.
  static let shortestSleep = 50_000
  static let longestSleep = 1_000_000

  /// Whether to spin before yielding.
  public let spinsFirst: Bool

  /// Where it is marked that a worker waits; nil for nowhere.
  private var heartbeat: Heartbeat?

  /// The policy for `workers` workers on `cores` cores.
  public init(workers: Int, cores: Int) {
    spinsFirst = workers <= cores
  }

  /// The same policy for a worker whose waiting is to be marked.
  public func reporting(to heartbeat: Heartbeat) -> WaitPolicy {
    var waiting = self
    waiting.heartbeat = heartbeat
    return waiting
  }

  /// Returns once `isDone` returns true; rethrows what it throws.
  ///
  /// - Parameter rank: whom the worker waits for, where that is known.
  @inline(__always)
  public func until(for rank: Int? = nil, _ isDone: () throws -> Bool) rethrows {
    if spinsFirst {
      for _ in 0..<Self.spins where try isDone() { return }
    } else if try isDone() {
      return
    }
    try yieldUntil(rank, isDone)
  }

  @inline(never)
  private func yieldUntil(_ rank: Int?, _ isDone: () throws -> Bool) rethrows {
    // Only who waits for longer than it spins is marked: the others cost nothing.
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
