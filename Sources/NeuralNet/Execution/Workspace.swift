import Glibc

/// A bump allocator for a network's buffers: aligned memory that is zero, handed out before the first training step and freed
/// all at once.
///
/// Pages come from the system when they are first touched, so that a network can be laid out to be looked at alone.
public final class Workspace {
  private static let hugePage = 1 << 21

  private var blocks: [UnsafeMutableRawBufferPointer] = []
  /// The end of the newest block; its last `free` bytes are not handed out yet.
  private var end: UnsafeMutableRawPointer?
  private var free = 0
  /// The bytes that were handed out.
  public private(set) var byteCount = 0

  /// An empty workspace.
  public init() {}

  deinit { for block in blocks { munmap(block.baseAddress, block.count) } }

  /// Hands out the next `count` numbers, aligned to a cache line. The workspace must outlive their use.
  public func take(_ count: Int) -> UnsafeMutablePointer<Float> {
    let rounded = (count + 15) / 16 * 16
    let bytes = rounded * MemoryLayout<Float>.stride
    if end == nil || bytes > free { grow(bytes) }
    guard let end else { preconditionFailure("a workspace that has grown has a block") }
    byteCount += bytes
    defer { free -= bytes }
    return (end - free).bindMemory(to: Float.self, capacity: rounded)
  }

  /// Hands out a copy of a table of integers.
  func take<Integer: FixedWidthInteger>(_ table: [Integer]) -> UnsafePointer<Integer> {
    let bytes = table.count * MemoryLayout<Integer>.stride
    let memory = UnsafeMutableRawPointer(take(max((bytes + 3) / 4, 1)))
    return UnsafePointer(memory.initializeMemory(as: Integer.self, from: table, count: table.count))
  }

  /// Hands out the next `count` integers.
  func takeIntegers(_ count: Int) -> UnsafeMutablePointer<Int32> {
    UnsafeMutableRawPointer(take(max(count, 1))).bindMemory(to: Int32.self, capacity: count)
  }

  /// Reserves a new block of whole huge pages for at least `bytes` bytes.
  private func grow(_ bytes: Int) {
    // Small networks take one page; the blocks of larger ones grow.
    let usual = min(Self.hugePage << blocks.count, 16 * Self.hugePage)
    let size = (max(bytes, usual) + Self.hugePage - 1) / Self.hugePage * Self.hugePage
    // One page more, so that the block can begin with a whole one.
    let reserved = size + Self.hugePage
    let memory = mmap(nil, reserved, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard let memory, memory != MAP_FAILED else {
      fatalError("out of memory: \(size) bytes for activations")
    }
    blocks.append(UnsafeMutableRawBufferPointer(start: memory, count: reserved))
    let start = memory.alignedUp(toMultipleOf: Self.hugePage)
    madvise(start, size, MADV_HUGEPAGE)
    end = start + size
    free = size
  }
}
