import Pages
import TestTags
import Testing

/// Axes have round numbers, and every number has its place between them.
@Suite("Axes and numbers of pages", .tags(.pure))
struct AxisScaleTests {
  @Test(
    "Ticks are round and hold the numbers",
    arguments: [
      ([0.43, 0.87], [0, 0.25, 0.5, 0.75, 1.0]), ([2.6, 0.16], [0, 1, 2, 3]),
      ([0.001, 0.001], [0, 0.00025, 0.0005, 0.00075, 0.001]),
      ([17, 93], [0, 25, 50, 75, 100]), ([.nan, 4.5], [0, 2, 4, 6]),
    ])
  func ticks(values: [Double], expected: [Double]) {
    let axis = AxisScale(of: values)
    #expect(axis.ticks.count == expected.count)
    for (tick, value) in zip(axis.ticks, expected) { #expect(abs(tick - value) < 1e-12, "\(axis.ticks)") }
    for value in values where value.isFinite { #expect((0...1).contains(axis.fraction(value) ?? -1)) }
    #expect(axis.fraction(.nan) == nil)
  }

  @Test("An axis that need not begin with 0 begins near the numbers, and ends at its ceiling")
  func floating() {
    let axis = AxisScale(of: [0.9712, 0.9998], isAnchored: false, ceiling: 1)
    #expect(axis.lower > 0.95 && axis.upper <= 1 && axis.ticks.count >= 3, "\(axis)")
  }

  @Test("A logarithmic axis goes from one power of ten to another, and has no place for 0")
  func logarithmic() throws {
    let axis = AxisScale(powersOver: [2.4, 0.0021, 0])
    #expect(axis.lower == 0.001 && axis.upper == 10 && axis.ticks.count == 5)
    #expect(axis.fraction(0) == nil)
    #expect(abs(try #require(axis.fraction(0.1)) - 0.5) < 1e-12)
  }

  @Test(
    "Nothing, one number and equal numbers have an axis too",
    arguments: [
      [], [0], [5, 5], [.infinity], [1e-300], [-1e308, 1e308], [-1, -3], [.leastNonzeroMagnitude],
    ] as [[Double]])
  func degenerate(values: [Double]) {
    let axis = AxisScale(of: values)
    #expect(axis.upper > axis.lower && axis.ticks.count >= 2 && axis.ticks.allSatisfy(\.isFinite), "\(axis)")
    let powers = AxisScale(powersOver: values)
    #expect(powers.lower > 0 && powers.upper > powers.lower && powers.ticks.count >= 2, "\(powers)")
  }

  @Test("Epochs are written at round numbers, never more than there is room for")
  func epochs() {
    #expect(AxisScale.epochTicks(1, atMost: 6) == [1])
    #expect(AxisScale.epochTicks(6, atMost: 6) == [1, 2, 3, 4, 5, 6])
    #expect(AxisScale.epochTicks(19, atMost: 6) == [1, 5, 10, 15])
    #expect(AxisScale.epochTicks(19, atMost: 10) == [2, 4, 6, 8, 10, 12, 14, 16, 18])
    for count in [7, 99, 100, 101, 4000, 123_456, 1 << 30] {
      #expect(AxisScale.epochTicks(count, atMost: 6).count <= 7, "\(count)")
    }
  }

  @Test("Only all is 100 %, and only nothing is 0 %")
  func percents() {
    #expect(percent(1) == "100.0\u{A0}%")
    #expect(percent(0.99999) == "> 99.9\u{A0}%")
    #expect(percent(0) == "0.0\u{A0}%")
    #expect(percent(0.0001) == "< 0.1\u{A0}%")
    #expect(percent(0.8657278) == "86.6\u{A0}%")
    #expect(percent(0.996, 0) == "> 99\u{A0}%")
    #expect(percent(.nan) == "–")
    #expect(probability(1) == ">\u{A0}99.9\u{A0}%")
  }

  @Test("Durations, counts and names")
  func texts() {
    #expect(duration(4.26) == "4.3\u{A0}s")
    #expect(duration(64) == "1\u{A0}min 04\u{A0}s")
    #expect(duration(3725) == "1\u{A0}h 02\u{A0}min")
    #expect([-1, .nan, .infinity, 1e300].map(duration) == ["–", "–", "–", "–"])
    #expect(grouped(7172) == "7,172" && grouped(-1_234_567) == "-1,234,567" && grouped(999) == "999")
    #expect(significant(0.005997235277666) == "0.005997" && significant(0.00005) == "5e-05" && significant(0) == "0")
    #expect(shortened("class number 288", to: 12) == "class nu…288" && shortened("A", to: 12) == "A")
    #expect(decimal(1e300, 2) == "–" && decimal(-0.004, 2) == "-0.00")
  }
}
