import Platform

/// More classes in the data than the network tells apart.
public struct TooManyClasses: UserError, Hashable, Sendable, CustomStringConvertible {
  /// `FailureKind.data`.
  public var failureKind: FailureKind { .data }

  /// The source's name.
  public let source: String
  /// The classes of the source, and those of the network.
  public let found: Int, wanted: Int

  /// A source with more classes than are wanted.
  package init(source: String, found: Int, wanted: Int) {
    self.source = source
    self.found = found
    self.wanted = wanted
  }

  /// What is wrong.
  public var description: String {
    "\(foreign(source)) has \(found) classes, but the network's last layer has \(wanted); give it \(found)"
  }
}
