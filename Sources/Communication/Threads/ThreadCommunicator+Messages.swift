extension ThreadCommunicator {
  func send<Element: Transferable>(_ buffer: UnsafeBufferPointer<Element>, to rank: Int, tag: Int) throws {
    try checkRank("send", rank)
    try checkTag("send", tag)
    guard !team.run.isAborted else { throw error("send", .aborted) }
    let message = ThreadMailbox.Message(
      bytes: Array(UnsafeRawBufferPointer(buffer)), elementType: Element.elementType)
    team.mailboxes[rank].deliver(message, key: .init(source: self.rank, tag: tag))
  }

  func receive<Element: Transferable>(
    _ buffer: UnsafeMutableBufferPointer<Element>, from rank: Int, tag: Int
  ) throws {
    try startReceive(buffer, from: rank, tag: tag).wait()
  }

  func startSend<Element: Transferable>(
    _ buffer: UnsafeBufferPointer<Element>, to rank: Int, tag: Int
  ) throws -> any CommunicationRequest {
    try send(buffer, to: rank, tag: tag)
    return CompletedSend()
  }

  func startReceive<Element: Transferable>(
    _ buffer: UnsafeMutableBufferPointer<Element>, from rank: Int, tag: Int
  ) throws -> any CommunicationRequest {
    try checkRank("receive", rank)
    try checkTag("receive", tag)
    let ticket = team.mailboxes[self.rank].postReceive(key: .init(source: rank, tag: tag))
    return PendingReceive(communicator: self, buffer: buffer, ticket: ticket)
  }

  private func checkTag(_ operation: StaticString, _ tag: Int) throws {
    guard (0...32767).contains(tag) else {
      throw error(operation, .invalidArgument("tag \(tag) is not within 0 ... 32767"))
    }
  }
}

/// A send to another thread completes at once, because the message is copied.
private struct CompletedSend: CommunicationRequest {
  func wait() throws {}
}

/// A receive whose message may not have arrived yet.
private struct PendingReceive<Element: Transferable>: CommunicationRequest {
  let communicator: ThreadCommunicator
  let buffer: UnsafeMutableBufferPointer<Element>
  let ticket: ThreadMailbox.Ticket

  func wait() throws {
    let team = communicator.team
    let source = team.members[ticket.key.source]
    let mailbox = team.mailboxes[communicator.rank]
    guard let message = mailbox.take(ticket, from: source, run: team.run, waiting: communicator.waiting) else {
      throw communicator.error("receive", .aborted)
    }
    guard message.elementType == Element.elementType else {
      throw communicator.error(
        "receive",
        .invalidArgument("the message has elements of type \(message.elementType), the buffer \(Element.elementType)"))
    }
    let count = message.bytes.count / MemoryLayout<Element>.stride
    guard count == buffer.count else {
      throw communicator.error("receive", .mismatchedLength(expected: buffer.count, actual: count))
    }
    UnsafeMutableRawBufferPointer(buffer).copyBytes(from: message.bytes)
  }
}
