/// A shared-memory segment, shared by the workers of one node: the heap for threads, an MPI shared-memory window for
/// ranks.
///
/// Each worker has its own `SharedSegment` for the same bytes. Workers order their accesses with `barrier()`: what one
/// wrote before it, the others can read after it. The barrier is in a header before `base`, in the shared memory itself.
public final class SharedSegment {
  /// The alignment of `base` in bytes: two cache lines.
  public static let alignment = SegmentBarrier.lineSize

  /// The first byte, aligned to 128. All bytes are initially zero. For ranks, the address differs between processes:
  /// share offsets, not pointers.
  public let base: UnsafeMutableRawPointer

  /// The usable size in bytes.
  public let byteCount: Int

  /// This worker's rank among the workers that share the segment, `0 ..< localSize`, in the order of the ranks in the
  /// group.
  public let localRank: Int

  /// The number of workers that share the segment.
  public let localSize: Int

  private let counters: SegmentBarrier
  private let waiting: WaitPolicy
  private let release: () -> Void

  /// The number of bytes to allocate for a segment of `byteCount` usable bytes.
  public static func allocationSize(byteCount: Int) -> Int {
    SegmentBarrier.byteCount + (byteCount + alignment - 1) / alignment * alignment
  }

  /// A segment in memory that the caller owns, for implementations of `Communicator`.
  ///
  /// - Parameters:
  ///   - allocation: `allocationSize(byteCount:)` bytes, aligned to `alignment`, zeroed before any worker makes its
  ///     segment.
  ///   - byteCount: the usable size in bytes.
  ///   - localRank: this worker's rank among those that share the memory.
  ///   - localSize: the number of workers that share the memory.
  ///   - waiting: how to wait in `barrier()`.
  ///   - release: called when this object is destroyed; it keeps the allocation alive until then.
  public init(
    allocation: UnsafeMutableRawPointer, byteCount: Int, localRank: Int, localSize: Int, waiting: WaitPolicy,
    release: @escaping () -> Void
  ) {
    precondition(UInt(bitPattern: allocation) % UInt(Self.alignment) == 0, "a segment's memory must be aligned")
    self.base = allocation + SegmentBarrier.byteCount
    self.byteCount = byteCount
    self.localRank = localRank
    self.localSize = localSize
    self.counters = SegmentBarrier(header: allocation)
    self.waiting = waiting
    self.release = release
  }

  deinit { release() }

  /// Waits until all workers of the segment have called it: a barrier of the node, without system calls if the workers
  /// arrive together.
  ///
  /// - Throws: `CommunicationError` with the reason `aborted` if the segment is poisoned.
  @inline(__always)
  public func barrier() throws {
    guard counters.wait(size: localSize, waiting: waiting) else {
      throw CommunicationError(operation: "barrier", worker: localRank, reason: .aborted)
    }
  }

  /// Makes all current and future calls of `barrier()` throw `aborted`: for a worker that cannot continue.
  public func poison() {
    counters.poison()
  }
}
