import CMPIShims

/// A barrier before collective calls of ranks on several nodes that knows which ranks are missing: inside a collective
/// call the library only waits.
///
/// Every rank sends rank 0 an empty message and waits for its answer. Rank 0 receives them one after another, so at any
/// time it is known which rank it waits for. On one node the heartbeat table has this information at no cost.
final class LivenessBarrier {
  private let pointer: OpaquePointer
  private var handle: CommunicatorHandle?

  /// Makes a separate communicator for these messages. Collective.
  init(_ group: OpaquePointer) throws {
    var made: OpaquePointer?
    try MPI.check(fsmpi_comm_duplicate(group, &made), "MPI_Comm_dup")
    pointer = made!
    handle = CommunicatorHandle(pointer: made!)
  }

  /// Waits until all ranks of the group have called it.
  ///
  /// It makes two rounds. In the first, a rank may answer long before the last one arrives, and stop responding while it
  /// waits. In the second, all ranks are there and answer at once, or are found missing.
  func call(_ group: MPICommunicator) throws {
    for _ in 0..<2 { try callOnce(group) }
  }

  private func callOnce(_ group: MPICommunicator) throws {
    if group.rank == 0 {
      for other in 1..<max(1, group.size) { try receive(from: other, group) }
      for other in 1..<max(1, group.size) { try send(to: other, group) }
    } else {
      try send(to: 0, group)
      try receive(from: 0, group)
    }
  }

  private func send(to rank: Int, _ group: MPICommunicator) throws {
    var request: OpaquePointer?
    try group.check(fsmpi_start_send(pointer, nil, 0, Int32(FSMPI_UINT8), Int64(rank), 0, &request), "MPI_Isend")
    try wait(request!, for: rank, group)
  }

  private func receive(from rank: Int, _ group: MPICommunicator) throws {
    var request: OpaquePointer?
    try group.check(
      fsmpi_start_receive(pointer, nil, 0, Int32(FSMPI_UINT8), Int64(rank), 0, &request), "MPI_Irecv")
    try wait(request!, for: rank, group)
  }

  private func wait(_ request: OpaquePointer, for rank: Int, _ group: MPICommunicator) throws {
    try group.waiting.until(for: group.worldRanks[rank]) {
      var (done, received) = (false, Int64(0))
      try group.check(fsmpi_test(request, &done, &received), "MPI_Test")
      return done
    }
  }

  /// Frees the communicator.
  func close() throws { try handle.take()?.close() }
}
