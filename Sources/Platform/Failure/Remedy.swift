/// What a user can do about an error, as a value: no module below the command line knows how its options are spelled.
///
/// A module extends this type with the remedies of its own errors; the command line has a sentence for each.
public struct Remedy: Hashable, Sendable {
  /// Which remedy this is.
  public let name: String
  /// What its sentence needs: paths and numbers as text.
  public let values: [String]

  /// A remedy with that name.
  public init(_ name: String, _ values: String...) {
    self.name = name
    self.values = values
  }

  /// The remedy as text, so that it can be sent to other workers.
  package var encoded: String { ([name] + values).joined(separator: "\u{1F}") }

  /// The remedy of such a text; nil for an empty one.
  package init?(encoded text: String) {
    let parts = text.split(separator: "\u{1F}", omittingEmptySubsequences: false).map(String.init)
    guard let name = parts.first, !name.isEmpty else { return nil }
    self.name = name
    values = Array(parts.dropFirst())
  }
}

extension Remedy {
  /// Write to another folder.
  public static let chooseOutput = Remedy("choose-output")
}
