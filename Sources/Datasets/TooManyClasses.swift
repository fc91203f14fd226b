import Platform

/// More classes in the data than the network tells apart.
public struct TooManyClasses: UserError, Hashable, Sendable, CustomStringConvertible {
  /// `FailureKind.data`.
  public var failureKind: FailureKind { .data }

  /// The source's name.
  public let source: String
  /// The classes of the source, and those of the network.
  public let found: Int, wanted: Int
  /// The source's classes, where they have names.
  public let classes: ClassNames?

  /// A source with more classes than are wanted.
  package init(source: String, found: Int, wanted: Int, classes: ClassNames? = nil) {
    self.source = source
    self.found = found
    self.wanted = wanted
    self.classes = classes
  }

  /// What is wrong.
  public var description: String {
    "\(foreign(source)) has \(found) classes"
      + (classes.map { " (\($0.list(Array($0.names.indices))))" } ?? "")
      + ", but the network's last layer has \(wanted); give it \(found)"
  }
}
