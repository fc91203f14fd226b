import CMPIShims
import Communication

extension MPICommunicator {
  /// Sends to another rank (MPI_Send). A large message waits for its receiver.
  public func send<Element: Transferable>(_ buffer: UnsafeBufferPointer<Element>, to rank: Int, tag: Int) throws {
    try checkRank("MPI_Send", rank)
    try checkTag("MPI_Send", tag)
    let comm = try comm
    try heartbeat.whileWaiting(for: worldRanks[rank]) {
      try check(
        fsmpi_send(
          comm, buffer.baseAddress, Int64(buffer.count), Element.elementType.shimValue, Int64(rank), Int64(tag)),
        "MPI_Send")
    }
  }

  /// Receives from another rank (MPI_Recv); throws if the message does not have the buffer's length.
  public func receive<Element: Transferable>(
    _ buffer: UnsafeMutableBufferPointer<Element>, from rank: Int, tag: Int
  ) throws {
    try checkRank("MPI_Recv", rank)
    try checkTag("MPI_Recv", tag)
    var received: Int64 = 0
    let comm = try comm
    let status = heartbeat.whileWaiting(for: worldRanks[rank]) {
      fsmpi_receive(
        comm, buffer.baseAddress, Int64(buffer.count), Element.elementType.shimValue, Int64(rank), Int64(tag), &received
      )
    }
    try checkReceived("MPI_Recv", status, expected: buffer.count, received: received)
  }

  /// Starts a send (MPI_Isend); the buffer must not be modified until `wait` returns.
  public func startSend<Element: Transferable>(
    _ buffer: UnsafeBufferPointer<Element>, to rank: Int, tag: Int
  ) throws -> any CommunicationRequest {
    try checkRank("MPI_Isend", rank)
    try checkTag("MPI_Isend", tag)
    var request: OpaquePointer?
    try check(
      fsmpi_start_send(
        comm, buffer.baseAddress, Int64(buffer.count), Element.elementType.shimValue, Int64(rank), Int64(tag),
        &request),
      "MPI_Isend")
    return MPIRequest(request, communicator: self, peer: rank, expected: 0)
  }

  /// Starts a receive (MPI_Irecv); the buffer is filled when `wait` returns.
  public func startReceive<Element: Transferable>(
    _ buffer: UnsafeMutableBufferPointer<Element>, from rank: Int, tag: Int
  ) throws -> any CommunicationRequest {
    try checkRank("MPI_Irecv", rank)
    try checkTag("MPI_Irecv", tag)
    var request: OpaquePointer?
    try check(
      fsmpi_start_receive(
        comm, buffer.baseAddress, Int64(buffer.count), Element.elementType.shimValue, Int64(rank), Int64(tag),
        &request),
      "MPI_Irecv")
    return MPIRequest(request, communicator: self, peer: rank, expected: buffer.count)
  }

  /// Waits for a message and returns its length in elements of this type, without receiving it (MPI_Probe).
  public func probe<Element: Transferable>(_ type: Element.Type, from rank: Int, tag: Int) throws -> Int {
    try checkRank("MPI_Probe", rank)
    try checkTag("MPI_Probe", tag)
    var count: Int64 = 0
    try check(
      fsmpi_probe(comm, Int64(rank), Int64(tag), Element.elementType.shimValue, &count), "MPI_Probe")
    guard count >= 0 else {
      throw error("MPI_Probe", .invalidArgument("the message is not a whole number of \(Element.elementType) elements"))
    }
    return Int(count)
  }

  private func checkTag(_ operation: StaticString, _ tag: Int) throws {
    guard (0...32767).contains(tag) else {
      throw error(operation, .invalidArgument("tag \(tag) is not within 0 ... 32767"))
    }
  }

  /// Checks the status of a receive, and that the message has the length of the buffer.
  func checkReceived(_ operation: StaticString, _ status: Int32, expected: Int, received: Int64) throws {
    if fsmpi_is_truncation(status) {
      throw error(operation, .mismatchedLength(expected: expected, actual: nil))
    }
    try check(status, operation)
    guard received >= 0 else {
      throw error(operation, .invalidArgument("the message is not a whole number of the buffer's elements"))
    }
    guard received == Int64(expected) else {
      throw error(operation, .mismatchedLength(expected: expected, actual: Int(received)))
    }
  }
}

/// A send or receive in progress. If it is dropped without `wait`, the library may still use its buffer.
public final class MPIRequest: CommunicationRequest {
  private var pointer: OpaquePointer?
  private let communicator: MPICommunicator
  private let peer: Int
  private let expected: Int

  init(_ pointer: OpaquePointer?, communicator: MPICommunicator, peer: Int, expected: Int) {
    self.pointer = pointer
    self.peer = peer
    self.communicator = communicator
    self.expected = expected
  }

  /// Waits until the operation is complete, by calling MPI_Test; for a receive, checks the length.
  ///
  /// MPI_Wait would spin until completion; with more ranks than cores, on the very core that the sender needs.
  public func wait() throws {
    try communicator.waiting.until(for: communicator.worldRanks[peer]) { try test() }
  }

  /// Whether the operation is complete; if so, `wait` must not be called.
  public func test() throws -> Bool {
    let pointer = try takePointer("MPI_Test")
    var done = false
    var received: Int64 = 0
    let status = fsmpi_test(pointer, &done, &received)
    if !done {
      self.pointer = pointer
      return false
    }
    try communicator.checkReceived("MPI_Test", status, expected: expected, received: received)
    return true
  }

  private func takePointer(_ operation: StaticString) throws -> OpaquePointer {
    guard let pointer = pointer.take() else {
      throw communicator.error(operation, .invalidArgument("the request is already complete"))
    }
    return pointer
  }
}
