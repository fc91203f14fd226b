import CMPIShims

/// Finds out who is missing before ranks on several nodes enter a collective call: inside it the library only waits.
///
/// Every rank sends rank 0 an empty message and waits for its answer; rank 0 takes them one after another and so knows at any
/// time whom it waits for, and the others wait for rank 0. On one node the table tells the same for nothing.
final class LivenessBarrier {
  private let pointer: OpaquePointer
  private var handle: CommunicatorHandle?

  /// Makes a communicator for these messages alone. Collective.
  init(_ group: OpaquePointer) throws {
    var made: OpaquePointer?
    try MPI.check(fsmpi_comm_duplicate(group, &made), "MPI_Comm_dup")
    pointer = made!
    handle = CommunicatorHandle(pointer: made!)
  }

  /// Returns once all ranks of the group have called it.
  ///
  /// Twice: the first time a rank may answer long before the last one comes, and be stopped while it
  /// waits. The second time all are there, and answer at once or are missed.
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
