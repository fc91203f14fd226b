import CMPIShims
import Communication
import Glibc

/// The open shared-memory windows of the segments.
///
/// Freeing a window is collective, but each rank drops its last reference to a segment at its own time, perhaps while
/// an error is thrown and the other ranks wait elsewhere. So a segment only records that its window is released; the
/// window is freed at the next point that all its workers reach: when they make another segment, or at MPI_Finalize.
final class SharedWindows {
  private final class Entry {
    let owner: NodeCommunicator
    var window: WindowHandle?
    var isReleased = false

    init(owner: NodeCommunicator, window: consuming WindowHandle) {
      self.owner = owner
      self.window = consume window
    }
  }

  private var entries: [Entry] = []

  /// Allocates a segment for the workers of `node`. Collective over them.
  ///
  /// - Parameter heartbeat: called between the parts. Each part is at least one barrier inside the library, which spins
  ///   without yielding its core. With ten times as many busy processes as cores, a barrier takes 0.1 to 0.2 s, and all
  ///   parts together exceed a short stall timeout.
  func makeSharedSegment(
    byteCount: Int, node: NodeCommunicator, waiting: WaitPolicy, heartbeat: () -> Void
  ) throws -> SharedSegment {
    try closeReleased(node)
    heartbeat()
    try checkAgreement(byteCount: byteCount, node)
    heartbeat()
    let size = SharedSegment.allocationSize(byteCount: byteCount)
    var pointer: OpaquePointer?
    var base: UnsafeMutableRawPointer?
    try Self.explaining(size: size) {
      try MPI.check(
        fsmpi_window_allocate_shared(node.pointer, Int64(size + SharedSegment.alignment), &pointer, &base),
        "MPI_Win_allocate_shared")
    }
    let entry = Entry(owner: node, window: WindowHandle(pointer: pointer!))
    entries.append(entry)
    heartbeat()

    let allocation = try aligned(base!, node)
    heartbeat()
    try Self.explaining(size: size) { try reserveAndZero(allocation, size: size, node) }
    heartbeat()
    try MPI.check(fsmpi_window_sync(pointer), "MPI_Win_sync")
    try MPI.check(fsmpi_barrier(node.pointer), "MPI_Barrier")
    try MPI.check(fsmpi_window_sync(pointer), "MPI_Win_sync")
    return SharedSegment(
      allocation: allocation, byteCount: byteCount, localRank: node.rank, localSize: node.size, waiting: waiting,
      release: { entry.isReleased = true })
  }

  /// Adds the size requested and the free space to the library's error, which may be just "internal error".
  private static func explaining(size: Int, _ body: () throws -> Void) throws {
    do {
      try body()
    } catch let error as CommunicationError {
      guard case .library(let code, let text) = error.reason else { throw error }
      var folder = statvfs()
      let free =
        statvfs("/dev/shm", &folder) == 0 ? " and has \(folder.f_bavail * folder.f_frsize) bytes free here" : ""
      throw CommunicationError(
        operation: error.operation, worker: error.worker,
        reason: .library(
          code: code,
          text: """
            \(text); the ranks of a host requested \(size) bytes of shared memory. It is usually allocated in /dev/shm, which \
            must have enough free space\(free): enlarge it (docker run --shm-size, mount -o remount,size=1g /dev/shm)
            """))
    }
  }

  /// Frees all windows in the order of their creation. Collective over all workers.
  func closeAll() throws {
    for entry in entries { try entry.window.take()?.close() }
    entries = []
  }

  /// Frees the windows that all workers of the node have released.
  private func closeReleased(_ node: NodeCommunicator) throws {
    let own = entries.filter { $0.owner === node }
    if own.isEmpty { return }
    var released = own.map { Int32($0.isReleased ? 1 : 0) }
    try released.withUnsafeMutableBytes {
      try MPI.check(
        fsmpi_all_reduce(
          node.pointer, $0.baseAddress, Int64(own.count), ElementType.int32.shimValue,
          ReductionOperation.minimum.shimValue),
        "MPI_Allreduce")
    }
    for (entry, isReleased) in zip(own, released) where isReleased == 1 {
      try entry.window.take()?.close()
      entries.removeAll { $0 === entry }
    }
  }

  private func checkAgreement(byteCount: Int, _ node: NodeCommunicator) throws {
    // The largest size, and the largest of the negated sizes, which is the smallest one.
    var sizes = [byteCount, -byteCount]
    try sizes.withUnsafeMutableBytes {
      try MPI.check(
        fsmpi_all_reduce(
          node.pointer, $0.baseAddress, 2, ElementType.int64.shimValue, ReductionOperation.maximum.shimValue),
        "MPI_Allreduce")
    }
    guard sizes[0] == -sizes[1], byteCount >= 0 else {
      throw CommunicationError(
        operation: "makeSharedSegment", worker: nil,
        reason: .invalidArgument(
          "this worker requests \(byteCount) bytes, but the workers of its node request \(-sizes[1]) to \(sizes[0])"))
    }
  }

  /// The first aligned address, at the same offset from the window's base in every process.
  private func aligned(_ base: UnsafeMutableRawPointer, _ node: NodeCommunicator) throws -> UnsafeMutableRawPointer {
    var padding = base.alignedUp(toMultipleOf: SharedSegment.alignment) - base
    try MPI.check(
      fsmpi_broadcast(node.pointer, &padding, 1, ElementType.int64.shimValue, 0), "MPI_Bcast")
    let address = base + padding
    guard address == address.alignedUp(toMultipleOf: SharedSegment.alignment) else {
      throw CommunicationError(
        operation: "makeSharedSegment", worker: nil,
        reason: .invalidArgument("the library maps the shared window at addresses with different alignments"))
    }
    return address
  }

  /// Allocates and zeroes the pages of this worker's part of the window, so that they are on its NUMA node.
  ///
  /// The window's file has its length, but no pages yet. If the file system is full, a store would end the process with
  /// SIGBUS; MADV_POPULATE_WRITE (Linux 5.14) returns an error instead. Older kernels do not support it and are not
  /// checked.
  private func reserveAndZero(_ allocation: UnsafeMutableRawPointer, size: Int, _ node: NodeCommunicator) throws {
    let start = size * node.rank / node.size
    let end = size * (node.rank + 1) / node.size
    let page = UInt(sysconf(Int32(_SC_PAGESIZE)))
    let first = UInt(bitPattern: allocation + start) & ~(page - 1)
    let last = UInt(bitPattern: allocation + end)
    if let pages = UnsafeMutableRawPointer(bitPattern: first), last > first,
      madvise(pages, Int(last - first), MADV_POPULATE_WRITE) != 0, errno == EFAULT || errno == ENOMEM
    {
      throw CommunicationError(
        operation: "makeSharedSegment", worker: nil,
        reason: .library(code: errno, text: "no space for the pages of a shared window"))
    }
    (allocation + start).initializeMemory(as: UInt8.self, repeating: 0, count: end - start)
  }
}
