import Glibc
import Synchronization

/// The state shared by all workers of one `ThreadGroup.run`: the first failure, the workers that have ended, and the
/// segments to poison.
final class ThreadRun: Sendable {
  private struct State {
    var failure: WorkerFailure?
    var left: [Int] = []
    var segments: [WeakSegment] = []
  }

  private struct WeakSegment {
    weak var memory: SegmentMemory?
    let members: [Int]
  }

  /// How the workers wait for each other.
  let waiting: WaitPolicy

  private let hasFailed = Atomic<Bool>(false)
  private let leaves = Atomic<Int>(0)
  private let state = Mutex(State())

  init(waiting: WaitPolicy) {
    self.waiting = waiting
  }

  /// Whether a worker has failed; all waits of the others then throw `aborted`.
  var isAborted: Bool { hasFailed.load(ordering: .acquiring) }

  /// The error of the worker that failed first.
  var failure: WorkerFailure? { state.withLock { $0.failure } }

  /// The number of workers that have ended.
  var leaveCount: Int { leaves.load(ordering: .acquiring) }

  /// Whether a worker has ended: it will not communicate any more.
  func hasLeft(_ worker: Int) -> Bool { state.withLock { $0.left.contains(worker) } }

  /// Records that a worker's body has returned, and wakes the workers that wait for it, which would wait forever.
  func leave(worker: Int) {
    state.withLock { state in
      state.left.append(worker)
      leaves.wrappingAdd(1, ordering: .releasing)
      for segment in state.segments where segment.members.contains(worker) { segment.memory?.poison() }
    }
  }

  /// Records a worker's error, if it is the first, and wakes all waiting workers.
  func fail(worker: Int, _ error: any Error) {
    state.withLock { state in
      if state.failure == nil {
        var cause = error
        // No worker failed before this one: its wait was aborted because others have ended.
        if let error = error as? CommunicationError, error.reason == .aborted, !state.left.isEmpty {
          cause = CommunicationError(operation: error.operation, worker: worker, reason: .left(state.left.sorted()))
        }
        state.failure = WorkerFailure(worker: worker, underlying: cause)
      }
      hasFailed.store(true, ordering: .releasing)
      for segment in state.segments { segment.memory?.poison() }
    }
  }

  /// Allocates a segment's memory. It is poisoned when a worker fails, or when one of its `members` ends.
  func makeMemory(byteCount: Int, members: [Int]) -> SegmentMemory {
    let memory = SegmentMemory(byteCount: byteCount)
    state.withLock { state in
      state.segments.removeAll { $0.memory == nil }
      state.segments.append(WeakSegment(memory: memory, members: members))
      if state.failure != nil || members.contains(where: state.left.contains) { memory.poison() }
    }
    return memory
  }
}

/// A segment's memory, unmapped with the last reference. The system's pages are zeros, and become memory where a worker first writes.
final class SegmentMemory: @unchecked Sendable {
  // Sendable, because the pointer never changes, and accesses to the memory are ordered by its barrier.
  private let allocation: UnsafeMutableRawPointer
  private let byteCount: Int, size: Int

  init(byteCount: Int) {
    size = SharedSegment.allocationSize(byteCount: byteCount)
    guard let memory = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), memory != MAP_FAILED
    else { fatalError("\(size) bytes of memory cannot be had: \(String(cString: strerror(errno)))") }
    allocation = memory
    self.byteCount = byteCount
  }

  deinit { munmap(allocation, size) }

  func poison() {
    SegmentBarrier(header: allocation).poison()
  }

  /// One worker's segment in this memory.
  func segment(localRank: Int, localSize: Int, waiting: WaitPolicy) -> SharedSegment {
    SharedSegment(
      allocation: allocation, byteCount: byteCount, localRank: localRank, localSize: localSize, waiting: waiting,
      release: { withExtendedLifetime(self) {} })
  }
}
