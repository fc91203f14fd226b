import Atomics

/// The barrier in a shared-memory segment's header: integers in the shared memory itself, so that it works across processes.
///
/// The last worker to arrive starts the next generation; the others wait for that. Every counter has cache lines of its
/// own. Zeroed memory is a barrier in its first generation.
struct SegmentBarrier {
  /// The distance between counters: two cache lines, because processors prefetch lines in pairs.
  static let lineSize = 128

  /// The size of the header in bytes.
  static let byteCount = 3 * lineSize

  private let arrivals: UnsafeAtomic<Int>
  private let generation: UnsafeAtomic<Int>
  private let poisoned: UnsafeAtomic<Bool>

  /// The barrier in the zeroed or already used header at `header`, which the caller keeps alive.
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

  /// Returns true once `size` workers have called it, or false if the segment is poisoned before that.
  ///
  /// What any worker wrote before its call is visible to every worker after it: the arrivals form one release sequence
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
      // The last worker may have completed this barrier between the two looks, and then failed: it is complete.
      isComplete = generation.load(ordering: .acquiring) != current
      return true
    }
    return isComplete
  }

  /// Makes every worker that waits, or comes to wait, leave with false.
  func poison() {
    poisoned.store(true, ordering: .releasing)
  }
}
