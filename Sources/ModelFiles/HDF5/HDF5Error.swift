import Platform

/// What is wrong with an HDF5 file.
public struct HDF5Error: UserError, Hashable, Sendable, CustomStringConvertible {
  /// `FailureKind.data`.
  public var failureKind: FailureKind { .data }

  /// The path of the file; nil for bytes in memory.
  public var file: String?
  /// What is wrong.
  public let reason: Reason

  /// The kinds of errors.
  public enum Reason: Hashable, Sendable {
    /// A part that the file must have lies outside of it.
    case truncated
    /// A part is not what it must be.
    case damaged(String)
    /// A form of the format that Keras does not write, and that is not read.
    case unsupported(String)
    /// The file cannot be read; with the system's message.
    case unreadable(String)
  }

  /// An error with this reason.
  init(file: String? = nil, _ reason: Reason) {
    self.file = file
    self.reason = reason
  }

  static func damaged(_ what: String) -> HDF5Error { HDF5Error(.damaged(what)) }
  static func unsupported(_ what: String) -> HDF5Error { HDF5Error(.unsupported(what)) }

  /// `FILE: what is wrong`.
  public var description: String { "\(file.map { foreign($0) } ?? "HDF5 data"): \(reason)" }
}

extension HDF5Error.Reason: CustomStringConvertible {
  /// What is wrong and what to do.
  public var description: String {
    switch self {
    case .truncated: "ends before its contents do, or is damaged; use an intact copy"
    case .damaged(let what): "is a damaged HDF5 file: \(foreign(what, limit: 256)); use an intact copy"
    case .unsupported(let what):
      "\(foreign(what, limit: 256)), which Keras does not write and is not read; load the model in Keras and save it again"
    case .unreadable(let why): why
    }
  }
}
