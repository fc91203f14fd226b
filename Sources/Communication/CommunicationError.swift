import Platform

/// A failed communication between workers: the operation, the worker, and the reason.
public struct CommunicationError: Error, Equatable, Sendable {
  /// Why an operation failed.
  public enum Reason: Equatable, Sendable {
    /// Another worker failed and ended the group while this one was waiting.
    case aborted

    /// This worker waits for workers that have already returned; with their ranks.
    case left([Int])

    /// The length of a message or contribution does not match the receiver's buffer, in elements. `actual` is nil if the
    /// library only reports that the message was longer.
    case mismatchedLength(expected: Int, actual: Int?)

    /// A rank is outside `0 ..< size`.
    case invalidRank(Int, size: Int)

    /// The arguments contradict each other or those of other workers; with an explanation.
    case invalidArgument(String)

    /// The MPI library reported an error: its code and its text.
    case library(code: Int32, text: String)

    /// Launcher mismatch: the library sees a different number of processes than the launcher started; with an
    /// explanation.
    case wrongLauncher(String)
  }

  /// The operation: the name of its Swift function or its MPI function.
  public let operation: String

  /// The rank of the worker that threw the error, if known.
  public let worker: Int?

  /// Why the operation failed.
  public let reason: Reason

  /// An error of `operation` at `worker`.
  public init(operation: String, worker: Int?, reason: Reason) {
    self.operation = operation
    self.worker = worker
    self.reason = reason
  }
}

extension CommunicationError: CustomStringConvertible {
  /// The error on one line: operation, worker, reason.
  public var description: String {
    let location = worker.map { " (worker \($0))" } ?? ""
    return "\(operation)\(location): \(reason)"
  }
}

extension CommunicationError.Reason: CustomStringConvertible {
  /// The reason in words.
  public var description: String {
    switch self {
    case .aborted: "another worker failed, so the group was ended"
    case .left(let workers):
      "waits for \(workers.count == 1 ? "worker" : "workers") \(workers.map(String.init).joined(separator: ", ")), which "
        + "\(workers.count == 1 ? "has" : "have") already ended"
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

/// The first error thrown by a worker of a thread group, which ended the group.
public struct WorkerFailure: UserError, CustomStringConvertible {
  /// The rank of the worker that failed first.
  public let worker: Int

  /// The error that it threw.
  public let underlying: any Error

  /// The failure on one line.
  public var description: String { "worker \(worker): \(underlying)" }

  /// The kind of the underlying error.
  public var failureKind: FailureKind { FailureKind(of: underlying) }

  /// The remedy of the underlying error.
  public var remedy: Remedy? { (underlying as? any UserError)?.remedy }
}
