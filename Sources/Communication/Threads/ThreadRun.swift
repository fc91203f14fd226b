import Synchronization

/// What all workers of one `ThreadGroup.run` share: the first failure, who is through, and whom to wake then.
final class ThreadRun: Sendable {
  private struct State {
    var failure: WorkerFailure?
    var left: [Int] = []
    var arenas: [WeakArena] = []
  }

  private struct WeakArena {
    weak var memory: ArenaMemory?
    let members: [Int]
  }

  /// How the workers wait for each other.
  let waiting: Waiting

  private let hasFailed = Atomic<Bool>(false)
  private let leaves = Atomic<Int>(0)
  private let state = Mutex(State())

  init(waiting: Waiting) {
    self.waiting = waiting
  }

  /// Whether a worker has failed; the others then throw `aborted` wherever they wait.
  var isAborted: Bool { hasFailed.load(ordering: .acquiring) }

  /// The error of the worker that failed first.
  var failure: WorkerFailure? { state.withLock { $0.failure } }

  /// How many workers are through.
  var leaveCount: Int { leaves.load(ordering: .acquiring) }

  /// Whether a worker is through: it will meet nobody and send nothing any more.
  func hasLeft(_ worker: Int) -> Bool { state.withLock { $0.left.contains(worker) } }

  /// Notes that a worker's body has returned, and wakes those who wait for it: they would wait for ever.
  func leave(worker: Int) {
    state.withLock { state in
      state.left.append(worker)
      leaves.wrappingAdd(1, ordering: .releasing)
      for arena in state.arenas where arena.members.contains(worker) { arena.memory?.poison() }
    }
  }

  /// Notes a worker's error, if it is the first one, and wakes all that wait.
  func fail(worker: Int, _ error: any Error) {
    state.withLock { state in
      if state.failure == nil {
        var cause = error
        // Nobody failed before: what broke this wait off is that others are through.
        if let error = error as? CommunicationError, error.reason == .aborted, !state.left.isEmpty {
          cause = CommunicationError(operation: error.operation, worker: worker, reason: .left(state.left.sorted()))
        }
        state.failure = WorkerFailure(worker: worker, underlying: cause)
      }
      hasFailed.store(true, ordering: .releasing)
      for arena in state.arenas { arena.memory?.poison() }
    }
  }

  /// Allocates an arena's memory that is poisoned when a worker fails, or when one of `members`, who meet in it, is through.
  func makeMemory(byteCount: Int, members: [Int]) -> ArenaMemory {
    let memory = ArenaMemory(byteCount: byteCount)
    state.withLock { state in
      state.arenas.removeAll { $0.memory == nil }
      state.arenas.append(WeakArena(memory: memory, members: members))
      if state.failure != nil || members.contains(where: state.left.contains) { memory.poison() }
    }
    return memory
  }
}

/// An arena's memory on the heap, freed when its last worker lets go of it.
final class ArenaMemory: @unchecked Sendable {
  // Sendable, because the pointer never changes and access to the memory is ordered by its barrier.
  private let allocation: UnsafeMutableRawPointer
  private let byteCount: Int

  init(byteCount: Int) {
    let size = SharedArena.allocationSize(byteCount: byteCount)
    allocation = .allocate(byteCount: size, alignment: SharedArena.alignment)
    allocation.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    self.byteCount = byteCount
  }

  deinit { allocation.deallocate() }

  func poison() {
    ArenaBarrier(header: allocation).poison()
  }

  /// One worker's arena over this memory.
  func arena(localRank: Int, localSize: Int, waiting: Waiting) -> SharedArena {
    SharedArena(
      allocation: allocation, byteCount: byteCount, localRank: localRank, localSize: localSize, waiting: waiting,
      release: { withExtendedLifetime(self) {} })
  }
}
