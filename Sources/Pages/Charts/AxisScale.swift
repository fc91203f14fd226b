import Glibc

/// An axis of numbers: what it spans, and its ticks, at round numbers.
package struct AxisScale: Equatable {
  /// The numbers at its ends.
  package let lower: Double, upper: Double
  /// The numbers that are written at it.
  package let ticks: [Double]
  /// Whether equal ratios have equal lengths.
  package let isLogarithmic: Bool

  /// Beyond it, as below its reciprocal, numbers have no place: what is computed of them might not be finite.
  private static let limit = 1e300

  /// An axis for numbers, with about that many ticks.
  ///
  /// - Parameters:
  ///   - floor: the lowest number that the axis may begin with, and does if it `isAnchored` there.
  ///   - ceiling: the highest number that it may end with.
  package init(
    of values: [Double], ticks wanted: Int = 5, floor: Double = 0, isAnchored: Bool = true, ceiling: Double = .infinity
  ) {
    let finite = values.filter { $0.magnitude < Self.limit }
    let most = finite.max() ?? 1
    let least = isAnchored ? min(floor, finite.min() ?? 0) : finite.min() ?? 0
    let span = most - least > 0 ? most - least : max(most.magnitude, 1e-12)
    let step = Self.step(span / Double(max(1, wanted - 1)))
    var first = (least / step + 1e-9).rounded(.down) * step
    if first < floor, least >= floor { first = floor }
    let last = min(ceiling, ((most > first ? most : first + step) / step - 1e-9).rounded(.up) * step)
    let count = min(20, max(1, Int(((last - first) / step).rounded())))
    lower = first
    upper = max(last, first + step * 1e-3)
    ticks = (0...count).map { first + Double($0) * step }
    isLogarithmic = false
  }

  /// A logarithmic axis for positive numbers, from one power of ten to another.
  package init(powersOver values: [Double]) {
    let positive = values.filter { $0 > 1 / Self.limit && $0 < Self.limit }
    let first = log10(positive.min() ?? 1).rounded(.down)
    let last = max(first + 1, log10(positive.max() ?? 1).rounded(.up))
    let stride = max(1, Int((last - first) / 5))
    lower = pow(10, first)
    upper = pow(10, last)
    ticks = Swift.stride(from: Int(first), through: Int(last), by: stride).map { pow(10, Double($0)) }
    isLogarithmic = true
  }

  /// Where a number lies: 0 at the lower end, 1 at the upper one; nil if it has no place.
  package func fraction(_ value: Double) -> Double? {
    guard value.magnitude < Self.limit else { return nil }
    if isLogarithmic {
      guard value > 1 / Self.limit else { return nil }
      return (log10(value) - log10(lower)) / (log10(upper) - log10(lower))
    }
    return (value - lower) / (upper - lower)
  }

  /// The round number next above a step: 1, 2, 2.5 or 5 times a power of ten.
  static func step(_ least: Double) -> Double {
    let power = pow(10, log10(max(least, 1e-300)).rounded(.down))
    return [1, 2, 2.5, 5, 10].map { $0 * power }.first { $0 >= least * (1 - 1e-9) } ?? 10 * power
  }

  /// The decimals that its ticks need.
  var decimals: Int {
    (0..<9).first { places in
      ticks.allSatisfy { ($0 * pow(10, Double(places)) - ($0 * pow(10, Double(places))).rounded()).magnitude < 1e-6 }
    } ?? 9
  }

  /// The epochs that are written below a chart of 1 ... `count`: multiples of a round number, at most `most`, and the first.
  package static func epochTicks(_ count: Int, atMost most: Int) -> [Int] {
    guard count > most else { return Array(1...max(1, count)) }
    let steps = [2, 5, 10, 20, 25, 50].flatMap { step in [1, 100, 10_000, 1_000_000].map { step * $0 } }.sorted()
    let step = steps.first { count / $0 < most } ?? count
    let multiples = Array(Swift.stride(from: step, through: count, by: step))
    return step > 3 ? [1] + multiples : multiples
  }
}
