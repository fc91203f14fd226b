/// Memory that the workers of one node share: the heap for threads, an MPI shared-memory window for ranks.
///
/// Each worker has an arena object of its own over the same bytes. The workers order their accesses with `meet()`: what one
/// wrote before it, the others read after it. The barrier lives in a header in front of `base`, in the shared memory itself.
public final class SharedArena {
  /// The alignment of `base` in bytes; it keeps neighbours' cache lines apart.
  public static let alignment = ArenaBarrier.lineSize

  /// The first byte, aligned to 128. All bytes are zero when the arena is made. In ranks the address differs from process
  /// to process: share offsets, not pointers.
  public let base: UnsafeMutableRawPointer

  /// The usable size in bytes.
  public let byteCount: Int

  /// This worker's number among the workers of the arena, `0 ..< localSize`, ascending with the rank in the group.
  public let localRank: Int

  /// The number of workers that share the arena.
  public let localSize: Int

  private let barrier: ArenaBarrier
  private let waiting: Waiting
  private let release: () -> Void

  /// The number of bytes to allocate, aligned to `alignment`, for an arena of `byteCount` usable bytes.
  public static func allocationSize(byteCount: Int) -> Int {
    ArenaBarrier.byteCount + (byteCount + alignment - 1) / alignment * alignment
  }

  /// An arena over memory that the caller owns, for implementations of `Communicator`.
  ///
  /// - Parameters:
  ///   - allocation: `allocationSize(byteCount:)` bytes, aligned to `alignment`, all zero before any worker makes its arena.
  ///   - byteCount: the usable size in bytes.
  ///   - localRank: this worker's number among those that share the memory.
  ///   - localSize: how many workers share the memory.
  ///   - waiting: how to wait in `meet()`.
  ///   - release: called when the arena is no longer used; it keeps the allocation alive until then.
  public init(
    allocation: UnsafeMutableRawPointer, byteCount: Int, localRank: Int, localSize: Int, waiting: Waiting,
    release: @escaping () -> Void
  ) {
    precondition(UInt(bitPattern: allocation) % UInt(Self.alignment) == 0, "an arena's memory must be aligned")
    self.base = allocation + ArenaBarrier.byteCount
    self.byteCount = byteCount
    self.localRank = localRank
    self.localSize = localSize
    self.barrier = ArenaBarrier(header: allocation)
    self.waiting = waiting
    self.release = release
  }

  deinit { release() }

  /// Returns once every worker of the arena has called it: a barrier of the node, without a system call when the workers
  /// arrive together.
  ///
  /// - Throws: `CommunicationError` with the reason `aborted` if the arena is poisoned meanwhile.
  @inline(__always)
  public func meet() throws {
    guard barrier.meet(size: localSize, waiting: waiting) else {
      throw CommunicationError(operation: "meet", worker: localRank, reason: .aborted)
    }
  }

  /// Makes every worker that waits in `meet()`, or will, throw `aborted`: for a worker that cannot go on.
  public func poison() {
    barrier.poison()
  }
}
