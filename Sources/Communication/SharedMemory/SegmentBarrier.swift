import Atomics

/// The barrier in the header of a shared-memory segment: integers in the shared memory itself, so it works across
/// processes.
///
/// The last worker to arrive starts the next generation, for which the others wait. Every counter has its own cache
/// lines. Zeroed memory is a barrier in its first generation.
struct SegmentBarrier {
  /// The distance between counters: two cache lines, because processors prefetch lines in pairs.
  static let lineSize = 128

  /// The size of the header in bytes.
  static let byteCount = 3 * lineSize

  private let arrivals: UnsafeAtomic<Int>
  private let generation: UnsafeAtomic<Int>
  private let poisoned: UnsafeAtomic<Bool>

  /// The barrier at `header`, which is zeroed or in use; the caller keeps it alive.
  init(header: UnsafeMutableRawPointer) {
    arrivals = UnsafeAtomic(at: Self.line(0, of: header, as: UnsafeAtomic<Int>.Storage.self))
    generation = UnsafeAtomic(at: Self.line(1, of: header, as: UnsafeAtomic<Int>.Storage.self))
    poisoned = UnsafeAtomic(at: Self.line(2, of: header, as: UnsafeAtomic<Bool>.Storage.self))
  }

  private static func line<T>(
    _ index: Int, of header: UnsafeMutableRawPointer, as type: T.Type
  ) -> UnsafeMutablePointer<T> {
    (header + index * lineSize).assumingMemoryBound(to: T.self)
  }

  /// Waits until `size` workers have called it, and returns true; returns false if the segment is poisoned before that.
  ///
  /// What a worker wrote before its call is visible to all workers after theirs: the arrivals form a release sequence
  /// that the last worker acquires and passes on with the generation.
  @inline(__always)
  func wait(size: Int, waiting: WaitPolicy) -> Bool {
    if poisoned.load(ordering: .relaxed) { return false }
    let current = generation.load(ordering: .relaxed)
    if arrivals.wrappingIncrementThenLoad(ordering: .acquiringAndReleasing) == size {
      arrivals.store(0, ordering: .relaxed)
      generation.store(current &+ 1, ordering: .releasing)
      return true
    }
    var isComplete = false
    waiting.until {
      isComplete = generation.load(ordering: .acquiring) != current
      guard !isComplete, poisoned.load(ordering: .acquiring) else { return isComplete }
      // The last worker may have completed this barrier between the two loads and then failed: the barrier is complete.
      isComplete = generation.load(ordering: .acquiring) != current
      return true
    }
    return isComplete
  }

  /// Makes all current and future waits return false.
  func poison() {
    poisoned.store(true, ordering: .releasing)
  }
}
