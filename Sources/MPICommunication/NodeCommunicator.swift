import CMPIShims
import Communication
import Platform

/// The ranks of a group on this rank's node.
final class NodeCommunicator {
  let pointer: OpaquePointer
  let rank: Int
  let size: Int

  private var handle: CommunicatorHandle?

  /// Splits the group by node. Collective over the group.
  init(splitting group: OpaquePointer, rank groupRank: Int) throws {
    var made: OpaquePointer?
    try MPI.check(fsmpi_comm_split_shared(group, Int64(groupRank), &made), "MPI_Comm_split_type")
    var rank: Int32 = 0
    var size: Int32 = 0
    try MPI.check(fsmpi_comm_rank(made, &rank), "MPI_Comm_rank")
    try MPI.check(fsmpi_comm_size(made, &size), "MPI_Comm_size")
    pointer = made!
    handle = CommunicatorHandle(pointer: made!)
    self.rank = Int(rank)
    self.size = Int(size)
  }

  /// The wait policy for the workers of this node, for the union of the cores that they may use, since a launcher may
  /// bind each worker to its own cores. Collective over the node.
  func makeWaiting() throws -> WaitPolicy {
    let words = 64
    var masks = [UInt64](repeating: 0, count: words * size)
    let own = Array(UsableCores.mask.prefix(words))
    masks.replaceSubrange(rank * words..<rank * words + own.count, with: own)
    let counts = [Int64](repeating: Int64(words), count: size)
    try masks.withUnsafeMutableBytes {
      let part = $0.baseAddress! + rank * words * MemoryLayout<UInt64>.stride
      try MPI.check(
        fsmpi_all_gather(
          pointer, part, Int64(words), $0.baseAddress, counts, ElementType.uint64.shimValue),
        "MPI_Allgatherv")
    }
    var union = [UInt64](repeating: 0, count: words)
    for (index, word) in masks.enumerated() { union[index % words] |= word }
    return WaitPolicy(workers: size, cores: UsableCores.count(in: union))
  }

  /// The group rank of this node's first worker, which identifies the node. Collective over the node.
  func leader(groupRank: Int) throws -> Int {
    var leader = groupRank
    try MPI.check(fsmpi_broadcast(pointer, &leader, 1, ElementType.int64.shimValue, 0), "MPI_Bcast")
    return leader
  }

  /// Frees the communicator.
  func close() throws {
    try handle.take()?.close()
  }
}

extension ElementType {
  /// The shim's constant for this element type.
  var shimValue: Int32 {
    switch self {
    case .uint8: Int32(FSMPI_UINT8)
    case .int32: Int32(FSMPI_INT32)
    case .int64: Int32(FSMPI_INT64)
    case .uint64: Int32(FSMPI_UINT64)
    case .float: Int32(FSMPI_FLOAT)
    case .double: Int32(FSMPI_DOUBLE)
    }
  }
}

extension ReductionOperation {
  /// The shim's constant for this reduction.
  var shimValue: Int32 {
    switch self {
    case .sum: Int32(FSMPI_SUM)
    case .minimum: Int32(FSMPI_MINIMUM)
    case .maximum: Int32(FSMPI_MAXIMUM)
    }
  }
}
