import Platform

/// What went wrong between workers: which operation, at which worker, and why.
public struct CommunicationError: Error, Equatable, Sendable {
  /// Why an operation failed.
  public enum Reason: Equatable, Sendable {
    /// Another worker failed and ended the group while this one waited.
    case aborted

    /// Workers that this one waits for had already returned from their work.
    case left([Int])

    /// A message or contribution was not as long as the receiver's buffer. `actual` is nil where the library says only
    /// that the message was longer. Both count elements.
    case mismatchedLength(expected: Int, actual: Int?)

    /// A rank outside `0 ..< size`.
    case invalidRank(Int, size: Int)

    /// The arguments contradict each other or those of the other workers; the text says how.
    case invalidArgument(String)

    /// The message-passing library refused: its error code and its own text.
    case library(code: Int32, text: String)

    /// The launcher started several processes, but the library sees another number; the text names both.
    case wrongLauncher(String)
  }

  /// The operation, by the name of its Swift function or its MPI function.
  public let operation: String

  /// The rank of the worker that saw the failure, where it is known.
  public let worker: Int?

  /// Why the operation failed.
  public let reason: Reason

  /// Makes an error.
  public init(operation: String, worker: Int?, reason: Reason) {
    self.operation = operation
    self.worker = worker
    self.reason = reason
  }
}

extension CommunicationError: CustomStringConvertible {
  /// The error on one line: operation, worker, reason.
  public var description: String {
    let place = worker.map { " (worker \($0))" } ?? ""
    return "\(operation)\(place): \(reason)"
  }
}

extension CommunicationError.Reason: CustomStringConvertible {
  /// The reason in words.
  public var description: String {
    switch self {
    case .aborted: "another worker failed, so the group was ended"
    case .left(let workers):
      "it waits for \(workers.count == 1 ? "worker" : "workers") \(workers.map(String.init).joined(separator: ", ")) that will "
        + "not come: the work there has already ended"
    case .mismatchedLength(let expected, let actual?):
      "the buffer holds \(expected) elements, but \(actual) were sent; both sides must agree on the length"
    case .mismatchedLength(let expected, nil):
      "the buffer holds \(expected) elements, but more were sent; both sides must agree on the length"
    case .invalidRank(let rank, let size): "there is no rank \(rank) in a group of \(size)"
    case .invalidArgument(let text): text
    case .library(let code, let text): "the MPI library reports error \(code): \(text)"
    case .wrongLauncher(let text): text
    }
  }
}

/// The first error that a worker of a thread group threw: it ended the group.
public struct WorkerFailure: UserError, CustomStringConvertible {
  /// The rank of the worker that failed first.
  public let worker: Int

  /// What it threw.
  public let underlying: any Error

  /// The failure on one line.
  public var description: String { "worker \(worker): \(underlying)" }

  /// The kind of what it threw.
  public var failureKind: FailureKind { FailureKind(of: underlying) }

  /// The remedy of what it threw.
  public var remedy: Remedy? { (underlying as? any UserError)?.remedy }
}
