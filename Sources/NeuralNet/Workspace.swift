import Glibc

/// A bump allocator for a network's buffers: aligned, zeroed memory, handed out before the first training step and freed
/// all at once.
public final class Workspace {
  private let base: UnsafeMutableRawPointer
  private let capacity: Int
  private var used = 0

  /// Reserves memory for `capacity` single-precision numbers, in whole huge pages.
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

  /// Hands out the next `count` numbers, aligned to a cache line. The workspace must outlive their use.
  public func take(_ count: Int) -> UnsafeMutablePointer<Float> {
    let rounded = (count + 15) / 16 * 16
    precondition(used + rounded <= capacity, "the network needs more than the workspace's \(capacity) numbers")
    defer { used += rounded }
    return (base + used * MemoryLayout<Float>.stride).bindMemory(to: Float.self, capacity: rounded)
  }
}
