import Atomics
import Glibc
import Platform

/// What one worker tells about its progress: heartbeats in a table that the watchdogs of its node read.
///
/// A heartbeat is a few relaxed stores into the worker's own cache lines: no lock, no allocation, no system call. Only the worker
/// itself marks.
public final class Heartbeat: @unchecked Sendable {
  // Sendable, because `entry` is changed by the worker's own thread only, and the entry's fields are atomic.

  /// This worker's rank in the whole job.
  public let rank: Int

  private var entry: HeartbeatEntry?

  /// Enters the calling thread's worker in the table at `index`, its number among the workers of the node.
  public init(_ table: HeartbeatTable, index: Int, rank: Int) {
    self.rank = rank
    entry = table.entry(index)
    entry?.register(rank: rank, process: Int(getpid()), thread: ProcessStatus.ownThread)
  }

  /// Something was finished, and what is done now goes on.
  @inline(__always)
  public func advance() { entry?.advance() }

  /// Something was finished, and `activity` begins.
  ///
  /// - Parameter number: what distinguishes it from others of its kind, e.g. the number of the step.
  @inline(__always)
  public func enter(_ activity: Activity, number: Int = 0) {
    guard let entry else { return }
    entry[.activity].store(activity.rawValue, ordering: .relaxed)
    entry[.number].store(number, ordering: .relaxed)
    entry.advance()
  }

  /// Runs `body` as an activity of its own, and then goes back to the one before.
  public func during<Result>(_ activity: Activity, _ body: () throws -> Result) rethrows -> Result {
    guard let entry else { return try body() }
    let (before, number) = (entry.activity, entry[.number].load(ordering: .relaxed))
    enter(activity, number: number)
    defer { enter(before, number: number) }
    return try body()
  }

  /// Runs `body`, which does nothing but wait for other workers.
  ///
  /// - Parameter rank: whom the worker waits for, where that is known.
  public func whileWaiting<Result>(for rank: Int? = nil, _ body: () throws -> Result) rethrows -> Result {
    entry?[.waiting].store(rank.map { $0 + 2 } ?? 1, ordering: .relaxed)
    defer { entry?[.waiting].store(0, ordering: .relaxed) }
    return try body()
  }

  /// The worker is through: it will do nothing more, and nobody need wait for it.
  package func leave() { entry?[.hasLeft].store(1, ordering: .releasing) }

  /// Heartbeats go nowhere from now on: the table's memory is about to be given back.
  public func close() { entry = nil }
}

/// A worker's entry of the table: integers on cache lines of their own.
struct HeartbeatEntry {
  /// Two cache lines, because processors prefetch lines in pairs.
  static let byteCount = 128

  enum Field: Int {
    /// The rank, plus one; 0 until the worker has entered itself.
    case rank
    case process, thread, startTime
    /// How many heartbeats there were.
    case counter
    case activity, number
    /// 0: works; 1: waits; otherwise waits for rank - 2.
    case waiting
    case hasLeft
  }

  let base: UnsafeMutableRawPointer

  @inline(__always)
  subscript(field: Field) -> UnsafeAtomic<Int> {
    UnsafeAtomic(
      at: (base + field.rawValue * 8).assumingMemoryBound(to: UnsafeAtomic<Int>.Storage.self))
  }

  /// One more heartbeat. Only the worker itself counts, so this needs no locked instruction.
  @inline(__always)
  func advance() {
    self[.counter].store(self[.counter].load(ordering: .relaxed) &+ 1, ordering: .relaxed)
  }

  var activity: Activity { Activity(rawValue: self[.activity].load(ordering: .relaxed)) ?? .starting }

  func register(rank: Int, process: Int, thread: Int) {
    self[.process].store(process, ordering: .relaxed)
    self[.thread].store(thread, ordering: .relaxed)
    self[.startTime].store(ProcessStatus(process: process, thread: thread)?.startTime ?? 0, ordering: .relaxed)
    self[.rank].store(rank + 1, ordering: .releasing)
  }

  /// What the entry says now; nil before the worker has entered itself.
  var snapshot: WorkerSnapshot? {
    let rank = self[.rank].load(ordering: .acquiring)
    guard rank > 0 else { return nil }
    func value(_ field: Field) -> Int { self[field].load(ordering: .relaxed) }
    let waits: WorkerSnapshot.Wait =
      switch value(.waiting) {
      case 0: .none
      case 1: .forAnyone
      case let other: .forRank(other - 2)
      }
    return WorkerSnapshot(
      rank: rank - 1, process: value(.process), thread: value(.thread), startTime: value(.startTime),
      counter: value(.counter), activity: activity, number: value(.number), waits: waits,
      hasLeft: value(.hasLeft) != 0)
  }
}

/// What a worker's heartbeats say at one moment.
public struct WorkerSnapshot: Equatable, Sendable {
  /// Whom a worker waits for.
  public enum Wait: Hashable, Sendable {
    /// It does not wait.
    case none
    /// For another worker; which one is not known.
    case forAnyone
    /// For that rank.
    case forRank(Int)
  }

  /// The rank in the whole job.
  public var rank: Int
  /// The process, and the thread of it that works.
  public var process: Int, thread: Int
  /// When the thread was started, as the kernel tells it; 0 where it does not.
  public var startTime: Int
  /// How many heartbeats there were.
  public var counter: Int
  /// The activity, and its number.
  public var activity: Activity, number: Int
  /// Whom it waits for.
  public var waits: Wait
  /// Whether it is through.
  public var hasLeft: Bool

  /// A worker's heartbeats.
  public init(
    rank: Int, process: Int, thread: Int, startTime: Int = 0, counter: Int = 0, activity: Activity = .starting,
    number: Int = 0, waits: Wait = .none, hasLeft: Bool = false
  ) {
    self.rank = rank
    self.process = process
    self.thread = thread
    self.startTime = startTime
    self.counter = counter
    self.activity = activity
    self.number = number
    self.waits = waits
    self.hasLeft = hasLeft
  }
}
