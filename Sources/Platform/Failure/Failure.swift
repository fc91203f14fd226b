/// A failure with its kind and the whole message for the user.
public struct Failure: UserError, CustomStringConvertible {
  /// The kind, which decides the exit code.
  public let failureKind: FailureKind
  /// What is wrong, where, and what to do.
  public let description: String
  /// What a user can do, where that takes one of the program's options.
  public let remedy: Remedy?
  /// Whether all workers fail with this same error, so that one report of it is enough.
  public let isCollective: Bool

  /// A failure: of this worker, or of all workers alike where it is collective, and then each of them throws it.
  public init(_ kind: FailureKind, _ description: String, remedy: Remedy? = nil, isCollective: Bool = false) {
    failureKind = kind
    self.description = description
    self.remedy = remedy
    self.isCollective = isCollective
  }
}
