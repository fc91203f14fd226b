import Communication

/// One clause of the communicator contract: what every implementation must do on any number of workers.
public struct ContractCase: Sendable {
  /// The clause in words.
  public let name: String

  /// What each worker of the group does; throws `ContractViolation` where the contract is broken.
  public let body: @Sendable (any Communicator) throws -> Void

  /// All clauses.
  public static let all = collectives + messages + groups + segments

  init(_ name: String, _ body: @escaping @Sendable (any Communicator) throws -> Void) {
    self.name = name
    self.body = body
  }
}

/// What the contract promised and what happened.
public struct ContractViolation: Error, CustomStringConvertible {
  /// The place in the contract, and the values.
  public let description: String
}

/// Every element type that can cross between workers.
let elementTypes: [any Transferable.Type] = [
  UInt8.self, Int32.self, Int.self, UInt64.self, Float.self, Double.self,
]

/// An element from a small whole number.
func element<Element: Transferable>(_ value: Int, as type: Element.Type = Element.self) -> Element {
  Element(exactly: value)!
}

func expectEqual<Value: Equatable>(
  _ actual: Value, _ expected: Value, _ what: @autoclosure () -> String, line: Int = #line
) throws {
  guard actual == expected else {
    throw ContractViolation(description: "\(what()) is \(actual), not \(expected) (contract line \(line))")
  }
}

/// Runs `body`, which must throw a communication error, and returns the error's reason.
func reason(of what: String, line: Int = #line, _ body: () throws -> Void) throws -> CommunicationError.Reason {
  do {
    try body()
  } catch let error as CommunicationError {
    return error.reason
  }
  throw ContractViolation(description: "\(what) must be an error, but none was thrown (contract line \(line))")
}

/// Starts a send of each array to `rank`, runs `body`, and waits for the sends: a blocking send may wait for its receiver,
/// which is this very worker in a group of one.
func sending<Element: Transferable, R>(
  _ messages: [(array: [Element], tag: Int)], to rank: Int, _ communicator: any Communicator, _ body: () throws -> R
) throws -> R {
  let buffers = messages.map { message in
    let buffer = UnsafeMutableBufferPointer<Element>.allocate(capacity: message.array.count)
    _ = buffer.initialize(from: message.array)
    return buffer
  }
  defer { for buffer in buffers { buffer.deallocate() } }
  let requests = try zip(buffers, messages).map { buffer, message in
    try communicator.startSend(UnsafeBufferPointer(buffer), to: rank, tag: message.tag)
  }
  let result = try body()
  for request in requests { try request.wait() }
  return result
}
