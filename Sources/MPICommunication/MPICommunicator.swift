import CMPIShims
import Communication
import Monitoring

/// A rank's view of a group of MPI ranks. `MPI.run` passes the group of all ranks; `split` makes smaller ones.
///
/// Errors of the library are thrown as `CommunicationError`. If the program does not catch them, `MPI.run` ends the job.
public final class MPICommunicator: Communicator {
  /// This rank in the group, `0 ..< size`.
  public let rank: Int
  /// The number of ranks in the group.
  public let size: Int
  /// The nodes of the group: ranks that share memory according to the library (MPI_Comm_split_type).
  public let topology: Topology

  /// This rank's heartbeats.
  public let heartbeat: Heartbeat
  /// The heartbeat table of this node.
  public let heartbeatTable: HeartbeatTable

  let session: Session
  let node: NodeCommunicator
  let waiting: WaitPolicy
  /// The group's ranks in the whole job.
  let worldRanks: [Int]
  let livenessBarrier: LivenessBarrier?
  private var handle: CommunicatorHandle?
  private var pointer: OpaquePointer?

  /// Takes ownership of a communicator. Collective over its ranks.
  ///
  /// - Parameter parent: the group that this one is a part of; nil for the group of all ranks.
  init(handle: consuming CommunicatorHandle, session: Session, parent: MPICommunicator?) throws {
    let pointer = handle.pointer
    var rank: Int32 = 0
    var size: Int32 = 0
    try MPI.check(fsmpi_comm_rank(pointer, &rank), "MPI_Comm_rank")
    try MPI.check(fsmpi_comm_size(pointer, &size), "MPI_Comm_size")
    let node = try NodeCommunicator(splitting: pointer, rank: Int(rank))

    let leader = try node.leader(groupRank: Int(rank))
    let topology = Topology(keys: try Self.allGather(leader, pointer, size: Int(size)))
    let table = try parent?.heartbeatTable ?? session.makeHeartbeatTable(pointer, size: Int(size), node: node)
    let heartbeat = parent?.heartbeat ?? Heartbeat(table, index: node.rank, rank: Int(rank))

    self.rank = Int(rank)
    self.size = Int(size)
    self.topology = topology
    self.session = session
    self.node = node
    heartbeatTable = table
    self.heartbeat = heartbeat
    worldRanks = try Self.allGather(heartbeat.rank, pointer, size: Int(size))
    waiting = try parent?.waiting ?? node.makeWaiting().reporting(to: heartbeat)
    livenessBarrier = topology.nodes.count > 1 ? try LivenessBarrier(pointer) : nil
    self.pointer = pointer
    self.handle = consume handle
  }

  /// Frees the communicator now; throws if that fails. Without this call it is freed with its last reference.
  public func close() throws {
    pointer = nil
    try node.close()
    try livenessBarrier?.close()
    try handle.take()?.close()
  }

  /// Ends all ranks of the group immediately (MPI_Abort); the launcher then ends the job with the exit code.
  public func abort(exitCode: Int32) -> Never {
    MPI.endJob(pointer, exitCode: exitCode)
  }

  /// Gathers a number from every rank, in rank order. Collective.
  private static func allGather(_ number: Int, _ pointer: OpaquePointer, size: Int) throws -> [Int] {
    var own = number
    var all = [Int](repeating: 0, count: size)
    let counts = [Int64](repeating: 1, count: size)
    try MPI.check(
      fsmpi_all_gather(pointer, &own, 1, &all, counts, ElementType.int64.shimValue), "MPI_Allgatherv")
    return all
  }

  /// The library's communicator; throws if it was closed.
  var comm: OpaquePointer {
    get throws {
      guard let pointer else {
        throw error("communicator", .invalidArgument("it was closed"))
      }
      return pointer
    }
  }

  @inline(__always)
  func check(_ status: Int32, _ operation: StaticString) throws {
    try MPI.check(status, operation, worker: rank)
  }

  func checkRank(_ operation: StaticString, _ other: Int) throws {
    guard (0..<size).contains(other) else { throw error(operation, .invalidRank(other, size: size)) }
  }

  func error(_ operation: StaticString, _ reason: CommunicationError.Reason) -> CommunicationError {
    CommunicationError(operation: operation.description, worker: rank, reason: reason)
  }
}

extension MPICommunicator {
  /// Splits the group (MPI_Comm_split). Colors and keys must fit in 32 bits; colors must not be negative.
  public func split(color: Int?, key: Int) throws -> (any Communicator)? {
    var made: OpaquePointer?
    try together("MPI_Comm_split") {
      fsmpi_comm_split($0, color != nil, Int64(color ?? 0), Int64(key), &made)
    }
    guard let made else { return nil }
    return try MPICommunicator(handle: CommunicatorHandle(pointer: made), session: session, parent: self)
  }

  /// Allocates zeroed memory that the ranks of a node share (MPI_Win_allocate_shared). Once all the node's ranks have
  /// released it, it is freed when they make another segment, or when `MPI.run` ends.
  public func makeSharedSegment(byteCount: Int) throws -> SharedSegment {
    try heartbeat.whileWaiting {
      try session.windows.makeSharedSegment(byteCount: byteCount, node: node, waiting: waiting) { heartbeat.advance() }
    }
  }
}
