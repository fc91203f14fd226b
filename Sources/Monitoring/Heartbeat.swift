import Atomics
import Glibc
import Platform

/// A worker's heartbeats, in a table that the watchdogs of its node read.
///
/// A heartbeat is a few relaxed stores into the worker's own cache lines: no lock, no allocation, no system call. Only
/// the worker itself writes them.
public final class Heartbeat: @unchecked Sendable {
  // Sendable, because only the worker's own thread changes `entry`, and the entry's fields are atomic.

  /// This worker's rank in the whole job.
  public let rank: Int

  private var entry: HeartbeatEntry?

  /// Registers the calling thread's worker in the table.
  ///
  /// - Parameters:
  ///   - index: its number among the workers of the node.
  ///   - rank: its rank in the whole job.
  public init(_ table: HeartbeatTable, index: Int, rank: Int) {
    self.rank = rank
    entry = table.entry(index)
    entry?.register(rank: rank, process: Int(getpid()), thread: ProcessStatus.ownThread)
  }

  /// A heartbeat: something was finished, and the current activity continues.
  @inline(__always)
  public func advance() { entry?.advance() }

  /// A heartbeat: something was finished, and `activity` begins.
  ///
  /// - Parameter number: the training step, for activities that are part of one.
  @inline(__always)
  public func enter(_ activity: Activity, number: Int = 0) {
    guard let entry else { return }
    entry[.activity].store(activity.rawValue, ordering: .relaxed)
    entry[.number].store(number, ordering: .relaxed)
    entry.advance()
  }

  /// Runs `body` as `activity`, then restores the previous activity.
  public func during<Result>(_ activity: Activity, _ body: () throws -> Result) rethrows -> Result {
    guard let entry else { return try body() }
    let (before, number) = (entry.activity, entry[.number].load(ordering: .relaxed))
    enter(activity, number: number)
    defer { enter(before, number: number) }
    return try body()
  }

  /// Runs `body`, which only waits for other workers.
  ///
  /// - Parameter rank: the rank that the worker waits for, if known.
  public func whileWaiting<Result>(for rank: Int? = nil, _ body: () throws -> Result) rethrows -> Result {
    entry?[.waiting].store(rank.map { $0 + 2 } ?? 1, ordering: .relaxed)
    defer { entry?[.waiting].store(0, ordering: .relaxed) }
    return try body()
  }

  /// Reports that the worker is done: nobody needs to wait for it any more.
  package func leave() { entry?[.hasLeft].store(1, ordering: .releasing) }

  /// Discards all further heartbeats: the table's memory is about to be freed.
  public func close() { entry = nil }
}

/// A worker's entry in the table: integers on its own cache lines.
struct HeartbeatEntry {
  /// Two cache lines, because processors prefetch lines in pairs.
  static let byteCount = 128

  enum Field: Int {
    /// The rank plus one; 0 until the worker has registered.
    case rank
    case process, thread, startTime
    /// The number of heartbeats.
    case counter
    case activity, number
    /// 0: working; 1: waiting for an unknown rank; n: waiting for rank n - 2.
    case waiting
    case hasLeft
  }

  let base: UnsafeMutableRawPointer

  @inline(__always)
  subscript(field: Field) -> UnsafeAtomic<Int> {
    UnsafeAtomic(
      at: (base + field.rawValue * 8).assumingMemoryBound(to: UnsafeAtomic<Int>.Storage.self))
  }

  /// Counts a heartbeat. Only the worker itself writes the counter, so no locked instruction is needed.
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

  /// The current state of the entry; nil until the worker has registered.
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

/// A worker's state at one moment, from its heartbeats.
public struct WorkerSnapshot: Equatable, Sendable {
  /// What a worker waits for.
  public enum Wait: Hashable, Sendable {
    /// Nothing.
    case none
    /// An unknown worker.
    case forAnyone
    /// This rank.
    case forRank(Int)
  }

  /// The rank in the whole job.
  public var rank: Int
  /// The IDs of the worker's process and thread.
  public var process: Int, thread: Int
  /// The thread's start time from the kernel (`ProcessStatus.startTime`); 0 if unknown.
  public var startTime: Int
  /// The number of heartbeats so far.
  public var counter: Int
  /// The activity and its number.
  public var activity: Activity, number: Int
  /// What it waits for.
  public var waits: Wait
  /// Whether it is done.
  public var hasLeft: Bool

  /// A worker's state with these values.
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
