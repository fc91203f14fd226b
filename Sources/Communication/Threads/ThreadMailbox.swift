import Synchronization

/// The messages to one worker of a thread group: copies of what was sent, taken in order for each source and tag.
final class ThreadMailbox: Sendable {
  /// What tells apart messages that are not ordered among each other.
  struct Key: Hashable {
    let source: Int
    let tag: Int
  }

  /// A copy of what was sent.
  struct Message: Sendable {
    let bytes: [UInt8]
    let elementType: ElementType
  }

  /// The right to the message of that number: receives match messages in the order in which both were started.
  struct Ticket {
    let key: Key
    let number: Int
  }

  private struct Queue {
    var sent = 0
    var posted = 0
    var messages: [Int: Message] = [:]
  }

  private let queues = Mutex<[Key: Queue]>([:])
  private let deliveries = Atomic<Int>(0)

  func deliver(_ message: Message, key: Key) {
    queues.withLock { queues in
      let number = queues[key, default: Queue()].sent
      queues[key, default: Queue()].sent += 1
      queues[key]?.messages[number] = message
    }
    deliveries.wrappingAdd(1, ordering: .releasing)
  }

  func postReceive(key: Key) -> Ticket {
    queues.withLock { queues in
      let number = queues[key, default: Queue()].posted
      queues[key, default: Queue()].posted += 1
      return Ticket(key: key, number: number)
    }
  }

  /// Waits for the ticket's message; nil if the run is aborted before it comes, or its sender is through without sending it.
  ///
  /// - Parameter source: the sender's rank in the whole run.
  func take(_ ticket: Ticket, from source: Int, run: ThreadRun, waiting: WaitPolicy) -> Message? {
    while !run.isAborted {
      let seen = deliveries.load(ordering: .acquiring)
      let leaves = run.leaveCount
      let hasLeft = run.hasLeft(source)
      if let message = takeIfDelivered(ticket) { return message }
      if hasLeft { return nil }
      waiting.until(for: source) {
        deliveries.load(ordering: .acquiring) != seen || run.isAborted || run.leaveCount != leaves
      }
    }
    return nil
  }

  private func takeIfDelivered(_ ticket: Ticket) -> Message? {
    queues.withLock { queues in
      guard var queue = queues[ticket.key], let message = queue.messages.removeValue(forKey: ticket.number) else {
        return nil
      }
      // A queue that has nothing to remember is dropped: tags may be many.
      queues[ticket.key] = queue.messages.isEmpty && queue.sent == queue.posted ? nil : queue
      queue.messages = [:]
      return message
    }
  }
}
