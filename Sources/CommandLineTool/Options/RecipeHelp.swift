import ArgumentParser
import Training

extension ArgumentHelp {
  /// The help of an option whose value the recipe gives where the user does not: with its value in either.
  static func recipe(
    _ text: String, valueName: String? = nil, _ value: (TrainingConfiguration) -> String
  ) -> ArgumentHelp {
    let (keras, best) = (value(Recipe.keras.configuration), value(Recipe.best.configuration))
    return ArgumentHelp(
      "\(text) (default: \(keras)\(keras == best ? "" : ", or \(best) with --recipe best"))", valueName: valueName)
  }
}

extension Double {
  /// The shortest form that reads back as the same number, without a fraction of zero.
  var plain: String {
    let text = "\(self)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}

/// Lets only a sound value pass.
func require(_ isMet: Bool, _ option: String, _ value: some Any, _ rule: String) throws {
  guard isMet else { throw ValidationError("\(option) is \(value); \(rule).") }
}

/// Lets only a number in a range pass, where there is one.
func require(_ value: Double?, in range: ClosedRange<Double>, _ option: String) throws {
  guard let value else { return }
  try require(
    range.contains(value), option, value.plain,
    "it must be a number from \(range.lowerBound.plain) to \(range.upperBound.plain)")
}

/// Lets only a number in a range pass, where there is one.
func require(_ value: Double?, in range: Range<Double>, _ option: String) throws {
  guard let value else { return }
  try require(
    range.contains(value), option, value.plain,
    "it must be at least \(range.lowerBound.plain) and below \(range.upperBound.plain)")
}
