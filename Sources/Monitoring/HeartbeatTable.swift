import Atomics
import Synchronization

/// The heartbeat table of a node, in memory that all its workers share: a shared-memory segment for ranks, the heap for
/// threads.
public final class HeartbeatTable: @unchecked Sendable {
  // Sendable, because the memory is accessed through atomic fields only, and closed under a lock.

  /// The host of every rank of the whole job.
  public let hosts: [String]

  private let workers: Int
  private let base: UnsafeMutableRawPointer
  private let owned: UnsafeMutableRawPointer?
  private let finalState = Mutex<[WorkerSnapshot]?>(nil)

  /// The size in bytes of a table for n workers.
  public static func byteCount(workers: Int) -> Int { (workers + 1) * HeartbeatEntry.byteCount }

  /// A table in zeroed memory that the caller owns and keeps alive until `close`.
  ///
  /// - Parameters:
  ///   - workers: the number of workers of the node.
  ///   - hosts: the host of every rank of the job.
  public init(base: UnsafeMutableRawPointer, workers: Int, hosts: [String]) {
    self.base = base
    self.workers = workers
    self.hosts = hosts
    owned = nil
  }

  /// A table on the heap, for workers that are threads of this process.
  public init(workers: Int, host: String) {
    let size = Self.byteCount(workers: workers)
    base = .allocate(byteCount: size, alignment: HeartbeatEntry.byteCount)
    base.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    owned = base
    self.workers = workers
    hosts = Array(repeating: host, count: workers)
  }

  deinit { owned?.deallocate() }

  func entry(_ index: Int) -> HeartbeatEntry { HeartbeatEntry(base: base + (index + 1) * HeartbeatEntry.byteCount) }

  /// The current state of the registered workers, or their state when the table was closed.
  public var workersNow: [WorkerSnapshot] {
    finalState.withLock { $0 ?? read() }
  }

  /// The sum of all workers' heartbeats, which changes whenever a worker finishes something.
  var beats: Int {
    finalState.withLock { closed in
      guard closed == nil else { return -1 }
      var sum = 0
      for index in 0..<workers { sum &+= entry(index)[.counter].load(ordering: .relaxed) }
      return sum
    }
  }

  /// Whether the table was closed.
  var isClosed: Bool { finalState.withLock { $0 != nil } }

  /// True for the first of the node's watchdogs that calls it: only that one reports.
  func claimReport() -> Bool {
    finalState.withLock { closed in
      guard closed == nil else { return true }
      let claims = UnsafeAtomic<Int>(at: base.assumingMemoryBound(to: UnsafeAtomic<Int>.Storage.self))
      return claims.wrappingIncrementThenLoad(ordering: .acquiringAndReleasing) == 1
    }
  }

  /// Keeps the workers' last state; call before freeing the memory.
  public func close() {
    finalState.withLock { closed in closed = closed ?? read() }
  }

  private func read() -> [WorkerSnapshot] { (0..<workers).compactMap { entry($0).snapshot } }
}
