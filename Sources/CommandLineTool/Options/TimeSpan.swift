import ArgumentParser

/// A time as an option takes it: seconds, or a number with the unit s, m, h or d (`90m`, `1.5h`).
struct TimeSpan: ExpressibleByArgument, CustomStringConvertible {
  private static let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86400]

  /// The seconds.
  let seconds: Double

  var description: String { "\(seconds.plain) s" }

  init?(argument: String) {
    let unit = argument.last.flatMap { Self.units[$0] }
    guard let number = Double(unit == nil ? argument[...] : argument.dropLast()) else { return nil }
    seconds = number * (unit ?? 1)
  }
}
