import CMPIShims
import Communication
import Glibc

/// The open windows of shared memory behind the segments.
///
/// Freeing a window is collective, but a segment's last reference goes away at each rank's own time, perhaps while an error
/// unwinds and the others wait elsewhere. So a segment only marks its window as released; the window is freed at the next
/// point where all its workers come together: when they make another segment, or at the library's end.
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
  /// - Parameter mark: called between the parts. Each is one barrier or more inside the library, which spins without giving
  ///   its core away; on a machine with ten times more busy processes than cores a barrier takes a tenth of a second or
  ///   two, and all of them together more than a short `--stall-timeout`.
  func makeSharedSegment(
    byteCount: Int, node: NodeCommunicator, waiting: WaitPolicy, mark: () -> Void
  ) throws -> SharedSegment {
    try closeReleased(node)
    mark()
    try checkAgreement(byteCount: byteCount, node)
    mark()
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
    mark()

    let allocation = try aligned(base!, node)
    mark()
    try Self.explaining(size: size) { try reserveAndZero(allocation, size: size, node) }
    mark()
    try MPI.check(fsmpi_window_sync(pointer), "MPI_Win_sync")
    try MPI.check(fsmpi_barrier(node.pointer), "MPI_Barrier")
    try MPI.check(fsmpi_window_sync(pointer), "MPI_Win_sync")
    return SharedSegment(
      allocation: allocation, byteCount: byteCount, localRank: node.rank, localSize: node.size, waiting: waiting,
      release: { entry.isReleased = true })
  }

  /// Adds to the library's error, which may say no more than "internal error", what was asked for and what there is.
  private static func explaining(size: Int, _ body: () throws -> Void) throws {
    do {
      try body()
    } catch let error as CommunicationError {
      guard case .library(let code, let text) = error.reason else { throw error }
      var folder = statvfs()
      let free = statvfs("/dev/shm", &folder) == 0 ? " and has \(folder.f_bavail * folder.f_frsize) free here" : ""
      throw CommunicationError(
        operation: error.operation, worker: error.worker,
        reason: .library(
          code: code,
          text: """
            \(text); \(size) bytes of memory that the ranks of a host share were asked for. They usually lie in /dev/shm, which \
            must have room for them\(free): enlarge it (docker run --shm-size, mount -o remount,size=1g /dev/shm)
            """))
    }
  }

  /// Frees all windows, in the order in which they were made. Collective over all workers.
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
        operation: "makeArena", worker: nil,
        reason: .invalidArgument(
          "this worker asks for \(byteCount) bytes, those of its node for \(-sizes[1]) to \(sizes[0])"))
    }
  }

  /// The first aligned address, the same distance from the window's base in every process.
  private func aligned(_ base: UnsafeMutableRawPointer, _ node: NodeCommunicator) throws -> UnsafeMutableRawPointer {
    var padding = base.alignedUp(toMultipleOf: SharedSegment.alignment) - base
    try MPI.check(
      fsmpi_broadcast(node.pointer, &padding, 1, ElementType.int64.shimValue, 0), "MPI_Bcast")
    let address = base + padding
    guard address == address.alignedUp(toMultipleOf: SharedSegment.alignment) else {
      throw CommunicationError(
        operation: "makeArena", worker: nil,
        reason: .invalidArgument("the library maps the shared window at addresses of different alignment"))
    }
    return address
  }

  /// Each worker takes the pages of its part and clears them, so that they lie near those who work on them.
  ///
  /// The window's file has its length, but no pages yet. Where the file system cannot give one, a store to it would end the
  /// process by SIGBUS; asked for like this (Linux 5.14), it is an error. Older kernels are not asked.
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
        operation: "makeArena", worker: nil,
        reason: .library(code: errno, text: "no room for the pages of a shared window"))
    }
    (allocation + start).initializeMemory(as: UInt8.self, repeating: 0, count: end - start)
  }
}
