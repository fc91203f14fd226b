import Glibc

/// The numbers of a network's plan: aligned, zeroed memory that is handed out once, before the first step, and freed as one.
public final class Workspace {
  private let base: UnsafeMutableRawPointer
  private let capacity: Int
  private var used = 0

  /// Reserves room for `capacity` single-precision numbers; pages that are never touched cost nothing.
  public init(capacity: Int) {
    let hugePage = 1 << 21
    let bytes = (capacity * MemoryLayout<Float>.stride + hugePage - 1) / hugePage * hugePage
    var memory: UnsafeMutableRawPointer?
    guard posix_memalign(&memory, hugePage, bytes) == 0, let memory else {
      fatalError("out of memory: \(bytes) bytes for activations")
    }
    memset(memory, 0, bytes)
    base = memory
    self.capacity = bytes / MemoryLayout<Float>.stride
  }

  deinit { free(base) }

  /// The next `count` numbers, aligned to a cache line. The workspace must outlive their use.
  public func take(_ count: Int) -> UnsafeMutablePointer<Float> {
    let rounded = (count + 15) / 16 * 16
    precondition(used + rounded <= capacity, "the plan needs more than the workspace's \(capacity) numbers")
    defer { used += rounded }
    return (base + used * MemoryLayout<Float>.stride).bindMemory(to: Float.self, capacity: rounded)
  }
}
