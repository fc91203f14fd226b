import Platform

/// More classes in the data than the network tells apart.
public struct TooManyClasses: UserError, Hashable, Sendable, CustomStringConvertible {
  /// `FailureKind.data`.
  public var failureKind: FailureKind { .data }

  /// The source's name.
  public let source: String
  /// The classes of the source, and those of the network.
  public let found: Int, wanted: Int

  /// What is wrong.
  public var description: String {
    "\(foreign(source)) has \(found) classes, but the network's last layer has \(wanted); give it \(found)"
  }
}
