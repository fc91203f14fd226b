/// A failure with its kind and the complete message for the user.
public struct Failure: UserError, CustomStringConvertible {
  /// The kind, which decides the exit code.
  public let failureKind: FailureKind
  /// The message: what is wrong, where, and what to do.
  public let description: String
  /// What the user can do, if that needs one of the program's options.
  public let remedy: Remedy?
  /// Whether all workers fail with this same error, so that it is reported once.
  public let isCollective: Bool

  /// A failure of this worker, or, if collective, of all workers; each of them must then throw it.
  public init(_ kind: FailureKind, _ description: String, remedy: Remedy? = nil, isCollective: Bool = false) {
    failureKind = kind
    self.description = description
    self.remedy = remedy
    self.isCollective = isCollective
  }
}
