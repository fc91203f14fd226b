/// What the user can do about an error, as a value, so that no module below the command line names an option.
///
/// Modules extend this type with the remedies of their own errors; the command line turns each into a sentence.
public struct Remedy: Hashable, Sendable {
  /// The remedy's identifier.
  public let name: String
  /// Values for its sentence: paths and numbers as text.
  public let values: [String]

  /// A remedy with this identifier and these values.
  public init(_ name: String, _ values: String...) {
    self.name = name
    self.values = values
  }

  /// The remedy as text, to be sent to other workers.
  package var encoded: String { ([name] + values).joined(separator: "\u{1F}") }

  /// Decodes `encoded`; nil if the text is empty.
  package init?(encoded text: String) {
    let parts = text.split(separator: "\u{1F}", omittingEmptySubsequences: false).map(String.init)
    guard let name = parts.first, !name.isEmpty else { return nil }
    self.name = name
    values = Array(parts.dropFirst())
  }
}

extension Remedy {
  /// Write to another output folder.
  public static let chooseOutput = Remedy("choose-output")
}
