import Atomics
import Glibc

/// What one worker tells about its progress: marks on a board that the watchdogs of its node read.
///
/// A mark is a few relaxed stores into the worker's own cache lines: no lock, no allocation, no system call. Only the worker
/// itself marks.
public final class WorkerProgress: @unchecked Sendable {
  // Sendable, because `line` is changed by the worker's own thread only, and the line's fields are atomic.

  /// The activity before the workers have met.
  public static let starting = 0

  /// The activity after the work is done, until all workers are.
  public static let ending = 1

  /// This worker's rank in the whole job.
  public let rank: Int

  private var line: ProgressLine?

  /// Enters the calling thread's worker on the board at `place`, its number among the workers of the node.
  public init(_ board: ProgressBoard, place: Int, rank: Int) {
    self.rank = rank
    line = board.line(place)
    line?.register(rank: rank, process: Int(getpid()), thread: ProcessTable.ownThread)
  }

  /// Something was finished, and what is done now goes on.
  @inline(__always)
  public func advance() { line?.advance() }

  /// Something was finished, and `activity` begins.
  ///
  /// - Parameter number: what distinguishes it from others of its kind, e.g. the number of the step.
  @inline(__always)
  public func enter(_ activity: Int, number: Int = 0) {
    guard let line else { return }
    line[.activity].store(activity, ordering: .relaxed)
    line[.number].store(number, ordering: .relaxed)
    line.advance()
  }

  /// Runs `body` as an activity of its own, and then goes back to the one before.
  public func during<Result>(_ activity: Int, _ body: () throws -> Result) rethrows -> Result {
    guard let line else { return try body() }
    let (before, number) = (line[.activity].load(ordering: .relaxed), line[.number].load(ordering: .relaxed))
    enter(activity, number: number)
    defer { enter(before, number: number) }
    return try body()
  }

  /// Runs `body`, which does nothing but wait for other workers.
  ///
  /// - Parameter rank: whom the worker waits for, where that is known.
  public func whileWaiting<Result>(for rank: Int? = nil, _ body: () throws -> Result) rethrows -> Result {
    line?[.waiting].store(rank.map { $0 + 2 } ?? 1, ordering: .relaxed)
    defer { line?[.waiting].store(0, ordering: .relaxed) }
    return try body()
  }

  /// The worker is through: it will do nothing more, and nobody need miss it.
  func leave() { line?[.hasLeft].store(1, ordering: .releasing) }

  /// Marks go nowhere from now on: the board's memory is about to be given back.
  public func close() { line = nil }
}

/// A worker's part of the board: integers on cache lines of their own.
struct ProgressLine {
  /// Two cache lines, because processors prefetch lines in pairs.
  static let byteCount = 128

  enum Field: Int {
    /// The rank, plus one; 0 until the worker has entered itself.
    case rank
    case process, thread, startTime
    /// How many marks were made.
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

  /// One more mark. Only the worker itself counts, so this needs no locked instruction.
  @inline(__always)
  func advance() {
    self[.counter].store(self[.counter].load(ordering: .relaxed) &+ 1, ordering: .relaxed)
  }

  func register(rank: Int, process: Int, thread: Int) {
    self[.process].store(process, ordering: .relaxed)
    self[.thread].store(thread, ordering: .relaxed)
    self[.startTime].store(ProcessTable.entry(process: process, thread: thread)?.startTime ?? 0, ordering: .relaxed)
    self[.rank].store(rank + 1, ordering: .releasing)
  }

  /// What the line says now; nil before the worker has entered itself.
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
      counter: value(.counter), activity: value(.activity), number: value(.number), waits: waits,
      hasLeft: value(.hasLeft) != 0)
  }
}

/// What a worker's marks say at one moment.
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
  /// How many marks were made.
  public var counter: Int
  /// The activity, and its number.
  public var activity: Int, number: Int
  /// Whom it waits for.
  public var waits: Wait
  /// Whether it is through.
  public var hasLeft: Bool

  /// A worker's marks.
  public init(
    rank: Int, process: Int, thread: Int, startTime: Int = 0, counter: Int = 0, activity: Int = WorkerProgress.starting,
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
