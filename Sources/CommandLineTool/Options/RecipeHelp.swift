import ArgumentParser
import Training

extension ArgumentHelp {
  /// The help of an option whose value the recipe gives where the user does not: with its value in either.
  static func recipe(
    _ text: String, valueName: String? = nil, _ value: (TrainingConfiguration) -> String
  ) -> ArgumentHelp {
    let keras = value(Recipe.keras.configuration)
    return ArgumentHelp(
      "\(text) (default: \(keras)\(Recipe.others(than: keras, value)))", valueName: valueName)
  }
}

extension Recipe {
  /// What recipes have instead of a default: `, or 64 with --recipe best or fast`; empty if they have the same.
  static func others(than usual: String, _ value: (TrainingConfiguration) -> String) -> String {
    let (best, fast) = (value(Recipe.best.configuration), value(Recipe.fast.configuration))
    if best == fast { return best == usual ? "" : ", or \(best) with --recipe best or fast" }
    return [(best, Recipe.best), (fast, .fast)].filter { $0.0 != usual }
      .map { ", or \($0.0) with --recipe \($0.1.rawValue)" }.joined()
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
