import CMPIShims
import Communication

extension MPICommunicator {
  /// Waits until all ranks have called it (MPI_Barrier).
  public func barrier() throws {
    try together("MPI_Barrier") { fsmpi_barrier($0) }
  }

  /// Broadcasts `root`'s elements to every rank (MPI_Bcast).
  public func broadcast<Element: Transferable>(_ buffer: UnsafeMutableBufferPointer<Element>, root: Int) throws {
    try checkRank("MPI_Bcast", root)
    try together("MPI_Bcast") {
      fsmpi_broadcast($0, buffer.baseAddress, Int64(buffer.count), Element.elementType.shimValue, Int32(root))
    }
  }

  /// Combines the ranks' elements in place; every rank gets the result (MPI_Allreduce).
  public func allReduce<Element: Transferable>(
    _ buffer: UnsafeMutableBufferPointer<Element>, _ operation: ReductionOperation
  ) throws {
    // Used in every training step: a liveness barrier would take longer than the all-reduce.
    try together("MPI_Allreduce", checksLiveness: false) {
      fsmpi_all_reduce(
        $0, buffer.baseAddress, Int64(buffer.count), Element.elementType.shimValue, operation.shimValue)
    }
  }

  /// Combines the ranks' elements in place; only `root` gets the result (MPI_Reduce).
  public func reduce<Element: Transferable>(
    _ buffer: UnsafeMutableBufferPointer<Element>, _ operation: ReductionOperation, root: Int
  ) throws {
    try checkRank("MPI_Reduce", root)
    try together("MPI_Reduce") {
      fsmpi_reduce(
        $0, buffer.baseAddress, Int64(buffer.count), Element.elementType.shimValue, operation.shimValue, Int32(root))
    }
  }

  /// Gathers every rank's elements on all ranks (MPI_Allgatherv).
  public func allGather<Element: Transferable>(
    _ send: UnsafeBufferPointer<Element>, into receive: UnsafeMutableBufferPointer<Element>, counts: [Int]
  ) throws {
    try checkCounts("MPI_Allgatherv", send: send.count, receive: receive.count, counts)
    try together("MPI_Allgatherv") {
      fsmpi_all_gather(
        $0, send.baseAddress, Int64(send.count), receive.baseAddress, counts.map(Int64.init),
        Element.elementType.shimValue)
    }
  }

  /// Gathers every rank's elements on `root` (MPI_Gatherv).
  public func gather<Element: Transferable>(
    _ send: UnsafeBufferPointer<Element>, into receive: UnsafeMutableBufferPointer<Element>, counts: [Int], root: Int
  ) throws {
    try checkRank("MPI_Gatherv", root)
    try checkCounts(
      "MPI_Gatherv", send: send.count, receive: rank == root ? receive.count : counts.reduce(0, +), counts)
    try together("MPI_Gatherv") {
      fsmpi_gather(
        $0, send.baseAddress, Int64(send.count), receive.baseAddress, counts.map(Int64.init),
        Element.elementType.shimValue, Int32(root))
    }
  }

  /// Combines the ranks' elements; rank r gets part r of the result (MPI_Reduce_scatter).
  ///
  /// - Parameters:
  ///   - send: the sum of `counts` elements, on every rank.
  ///   - receive: this rank's part, `counts[rank]` elements.
  ///   - counts: the number of elements for each rank.
  ///   - operation: how two elements are combined.
  public func reduceScatter<Element: Transferable>(
    _ send: UnsafeBufferPointer<Element>, into receive: UnsafeMutableBufferPointer<Element>, counts: [Int],
    _ operation: ReductionOperation
  ) throws {
    try checkCounts("MPI_Reduce_scatter", send: receive.count, receive: send.count, counts)
    try together("MPI_Reduce_scatter") {
      fsmpi_reduce_scatter(
        $0, send.baseAddress, receive.baseAddress, counts.map(Int64.init), Element.elementType.shimValue,
        operation.shimValue)
    }
  }

  /// Sends `sendCounts[r]` elements to each rank r, in rank order, and receives `receiveCounts[r]` from each
  /// (MPI_Alltoallv).
  public func allToAll<Element: Transferable>(
    _ send: UnsafeBufferPointer<Element>, sendCounts: [Int], into receive: UnsafeMutableBufferPointer<Element>,
    receiveCounts: [Int]
  ) throws {
    try checkTotal("MPI_Alltoallv", send.count, sendCounts)
    try checkTotal("MPI_Alltoallv", receive.count, receiveCounts)
    try together("MPI_Alltoallv") {
      fsmpi_all_to_all(
        $0, send.baseAddress, sendCounts.map(Int64.init), receive.baseAddress, receiveCounts.map(Int64.init),
        Element.elementType.shimValue)
    }
  }

  /// A collective call, during which the heartbeats show that this rank waits.
  ///
  /// - Parameter checksLiveness: whether ranks on several nodes enter the liveness barrier first, so that it is known
  ///   which are missing: the library does not report that.
  func together(
    _ operation: StaticString, checksLiveness: Bool = true, _ call: (OpaquePointer) -> Int32
  ) throws {
    let comm = try comm
    if checksLiveness, let livenessBarrier { try livenessBarrier.call(self) }
    try heartbeat.whileWaiting { try check(call(comm), operation) }
  }

  private func checkCounts(_ operation: StaticString, send: Int, receive: Int, _ counts: [Int]) throws {
    try checkTotal(operation, receive, counts)
    guard send == counts[rank] else {
      throw error(operation, .mismatchedLength(expected: counts[rank], actual: send))
    }
  }

  private func checkTotal(_ operation: StaticString, _ count: Int, _ counts: [Int]) throws {
    guard counts.count == size else {
      throw error(operation, .invalidArgument("there are \(counts.count) counts for \(size) workers"))
    }
    let total = counts.reduce(0, +)
    guard count == total else { throw error(operation, .mismatchedLength(expected: count, actual: total)) }
  }
}
