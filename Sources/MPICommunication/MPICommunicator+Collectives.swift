import CMPIShims
import Communication

extension MPICommunicator {
  /// Returns once every rank has called it (MPI_Barrier).
  public func barrier() throws {
    try together("MPI_Barrier") { fsmpi_barrier($0) }
  }

  /// Copies `root`'s elements to every rank (MPI_Bcast).
  public func broadcast<Element: Transferable>(_ buffer: UnsafeMutableBufferPointer<Element>, root: Int) throws {
    try checkRank("MPI_Bcast", root)
    try together("MPI_Bcast") {
      fsmpi_broadcast($0, buffer.baseAddress, Int64(buffer.count), Element.elementType.shimValue, Int32(root))
    }
  }

  /// Combines the ranks' elements in place, for all (MPI_Allreduce).
  public func allReduce<Element: Transferable>(
    _ buffer: UnsafeMutableBufferPointer<Element>, _ operation: ReductionOperation
  ) throws {
    // A step's sum: calling the roll first would take longer than the sum.
    try together("MPI_Allreduce", callingRoll: false) {
      fsmpi_all_reduce(
        $0, buffer.baseAddress, Int64(buffer.count), Element.elementType.shimValue, operation.shimValue)
    }
  }

  /// Combines the ranks' elements for `root` (MPI_Reduce).
  public func reduce<Element: Transferable>(
    _ buffer: UnsafeMutableBufferPointer<Element>, _ operation: ReductionOperation, root: Int
  ) throws {
    try checkRank("MPI_Reduce", root)
    try together("MPI_Reduce") {
      fsmpi_reduce(
        $0, buffer.baseAddress, Int64(buffer.count), Element.elementType.shimValue, operation.shimValue, Int32(root))
    }
  }

  /// Collects every rank's elements with every rank (MPI_Allgatherv).
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

  /// Collects every rank's elements with `root` (MPI_Gatherv).
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

  /// Combines the ranks' elements and leaves part `r` of the result with rank `r`.
  ///
  /// - Parameters:
  ///   - send: as many elements as the counts add up to, on every rank.
  ///   - receive: this rank's part, `counts[rank]` elements.
  ///   - counts: how many elements each rank gets.
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

  /// Sends `sendCounts[r]` elements to each rank `r`, in rank order, and receives `receiveCounts[r]` from each.
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

  /// A call that all ranks make together, marked as waiting for the others.
  ///
  /// - Parameter callingRoll: whether ranks on several nodes are waited for one by one first, so that it is known who is
  ///   missing: the library itself does not say.
  func together(
    _ operation: StaticString, callingRoll: Bool = true, _ call: (OpaquePointer) -> Int32
  ) throws {
    let comm = try comm
    if callingRoll, let livenessBarrier { try livenessBarrier.call(self) }
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
      throw error(operation, .invalidArgument("\(counts.count) counts were given for \(size) workers"))
    }
    let total = counts.reduce(0, +)
    guard count == total else { throw error(operation, .mismatchedLength(expected: count, actual: total)) }
  }
}
