import Synchronization

/// The messages to one worker of a thread group: copies, received in order per source and tag.
final class ThreadMailbox: Sendable {
  /// Messages with the same key are ordered.
  struct Key: Hashable {
    let source: Int
    let tag: Int
  }

  /// A copy of the elements sent.
  struct Message: Sendable {
    let bytes: [UInt8]
    let elementType: ElementType
  }

  /// The claim of a receive to the message with this number: sends and receives are matched in the order in which they
  /// start.
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

  /// Waits for the ticket's message. Returns nil if the run is aborted, or the sender ends, before it is sent.
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
      // Queues without state are dropped, because there may be many tags.
      queues[ticket.key] = queue.messages.isEmpty && queue.sent == queue.posted ? nil : queue
      queue.messages = [:]
      return message
    }
  }
}
