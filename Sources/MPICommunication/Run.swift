import CMPIShims
import Communication
import Glibc
import Monitoring

extension MPI {
  /// The MPI thread level: which threads of a rank may call the library.
  public enum ThreadLevel: Int32, Sendable {
    /// The process has one thread (MPI_THREAD_SINGLE).
    case single
    /// Only the thread that initialised MPI (MPI_THREAD_FUNNELED).
    case funneled
    /// Any thread, one at a time (MPI_THREAD_SERIALIZED).
    case serialized
    /// Any thread at any time (MPI_THREAD_MULTIPLE).
    case multiple
  }

  /// Initialises MPI, runs `body` with the communicator of all ranks, and finalises MPI.
  ///
  /// If `body` throws on any rank, that rank writes one line `rank R on HOST: <error>` to standard error and ends the
  /// whole job with an exit code. MPI is not finalised then, because other ranks may wait for this one. The communicator,
  /// and objects made with it, must not be used after `body` returns.
  ///
  /// - Parameters:
  ///   - threads: which threads will call the library.
  ///   - exitCode: the job's exit code for an error; 0 is replaced by 70 (EX_SOFTWARE), since the job failed.
  ///   - body: called on each rank.
  public static func run<R>(
    threads: ThreadLevel = .funneled, exitCode: (any Error) -> Int32 = { _ in 70 },
    _ body: (MPICommunicator) throws -> R
  ) -> R {
    // Read now, because the library changes the environment.
    _ = LaunchEnvironment.current
    do {
      let session = Session()
      let world = try start(threads: threads, session: session)
      let result = try body(world)
      try session.end(world)
      return result
    } catch {
      let code = exitCode(error)
      end(reporting: error, exitCode: code == 0 ? 70 : code)
    }
  }

  private static func start(threads: ThreadLevel, session: Session) throws -> MPICommunicator {
    var provided: Int32 = 0
    try check(fsmpi_init(threads.rawValue, &provided), "MPI_Init_thread")
    guard provided >= threads.rawValue else {
      throw CommunicationError(
        operation: "MPI_Init_thread", worker: nil,
        reason: .invalidArgument(
          "\(try libraryVersion) offers thread level \(provided), but \(threads.rawValue) (\(threads)) is needed"))
    }
    var pointer: OpaquePointer?
    try check(fsmpi_world(&pointer), "MPI_Comm_dup")
    let world = try MPICommunicator(handle: CommunicatorHandle(pointer: pointer!), session: session, parent: nil)
    try LaunchEnvironment.current?.check(worldSize: world.size, libraryVersion: libraryVersion)
    return world
  }

  /// Reports an error with its rank and host, and ends the job.
  private static func end(reporting error: any Error, exitCode: Int32) -> Never {
    let environment = LaunchEnvironment.current
    var source = environment.map { "rank \($0.rank)" } ?? "rank 0"
    if isRunning, let host = try? processorName { source += " on \(host)" }
    complain("\(source): \(error)")
    endJob(nil, exitCode: exitCode)
  }

  /// Ends all ranks of `communicator`'s world with the exit code.
  static func endJob(_ communicator: OpaquePointer?, exitCode: Int32) -> Never {
    fflush(nil)
    if isRunning { _ = fsmpi_abort(communicator, exitCode) }
    _exit(exitCode)
  }
}

/// The state between MPI_Init and MPI_Finalize: the open windows, and the node's heartbeat table in one of them.
final class Session {
  let windows = SharedWindows()
  private var tableMemory: SharedSegment?

  /// Makes the heartbeat table of this node. Collective over all ranks.
  func makeHeartbeatTable(_ world: OpaquePointer, size: Int, node: NodeCommunicator) throws -> HeartbeatTable {
    let memory = try windows.makeSharedSegment(
      byteCount: HeartbeatTable.byteCount(workers: node.size), node: node,
      waiting: WaitPolicy(workers: node.size, cores: 1)
    ) {}
    tableMemory = memory
    let width = 64
    var name = Array(try MPI.processorName.utf8.prefix(width))
    name += [UInt8](repeating: 0, count: width - name.count)
    var names = [UInt8](repeating: 0, count: width * size)
    try MPI.check(
      fsmpi_all_gather(
        world, name, Int64(width), &names, [Int64](repeating: Int64(width), count: size), ElementType.uint8.shimValue),
      "MPI_Allgatherv")
    let hosts = (0..<size).map { rank in
      String(decoding: names[rank * width..<(rank + 1) * width].prefix { $0 != 0 }, as: UTF8.self)
    }
    return HeartbeatTable(base: memory.base, workers: node.size, hosts: hosts)
  }

  /// Frees the windows in the order of their creation, which is the same on all ranks, and finalises MPI.
  func end(_ world: MPICommunicator) throws {
    world.heartbeat.enter(.ending)
    // The last barrier at which a watchdog can still report which ranks are missing.
    try world.barrier()
    world.heartbeatTable.close()
    world.heartbeat.close()
    try windows.closeAll()
    try world.close()
    try MPI.check(fsmpi_finalize(), "MPI_Finalize")
  }
}
