/// Memory that the workers of one node share: the heap for threads, an MPI shared-memory window for ranks.
///
/// Each worker has a segment object of its own over the same bytes. The workers order their accesses with `barrier()`: what one
/// wrote before it, the others read after it. The barrier lives in a header before `base`, in the shared memory itself.
public final class SharedSegment {
  /// The alignment of `base` in bytes; it keeps neighbours' cache lines apart.
  public static let alignment = SegmentBarrier.lineSize

  /// The first byte, aligned to 128. All bytes are zero when the segment is made. In ranks the address differs from process
  /// to process: share offsets, not pointers.
  public let base: UnsafeMutableRawPointer

  /// The usable size in bytes.
  public let byteCount: Int

  /// This worker's number among the workers of the segment, `0 ..< localSize`, ascending with the rank in the group.
  public let localRank: Int

  /// The number of workers that share the segment.
  public let localSize: Int

  private let counters: SegmentBarrier
  private let waiting: WaitPolicy
  private let release: () -> Void

  /// The number of bytes to allocate, aligned to `alignment`, for a segment of `byteCount` usable bytes.
  public static func allocationSize(byteCount: Int) -> Int {
    SegmentBarrier.byteCount + (byteCount + alignment - 1) / alignment * alignment
  }

  /// a segment over memory that the caller owns, for implementations of `Communicator`.
  ///
  /// - Parameters:
  ///   - allocation: `allocationSize(byteCount:)` bytes, aligned to `alignment`, all zero before any worker makes its segment.
  ///   - byteCount: the usable size in bytes.
  ///   - localRank: this worker's number among those that share the memory.
  ///   - localSize: how many workers share the memory.
  ///   - waiting: how to wait in `barrier()`.
  ///   - release: called when the segment is no longer used; it keeps the allocation alive until then.
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

  /// Returns once every worker of the segment has called it: a barrier of the node, without a system call when the workers
  /// arrive together.
  ///
  /// - Throws: `CommunicationError` with the reason `aborted` if the segment is poisoned meanwhile.
  @inline(__always)
  public func barrier() throws {
    guard counters.wait(size: localSize, waiting: waiting) else {
      throw CommunicationError(operation: "barrier", worker: localRank, reason: .aborted)
    }
  }

  /// Makes every worker that waits in `barrier()`, or will, throw `aborted`: for a worker that cannot continue.
  public func poison() {
    counters.poison()
  }
}
