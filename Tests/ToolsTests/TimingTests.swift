import Benchmarking
import TestTags
import Testing

@Suite("Timings are summarised as statistics and phases", .tags(.pure))
struct TimingTests {
  @Test func `One measurement is every statistic`() {
    let timing = Timing([0.25])
    #expect(timing.count == 1)
    #expect(timing.best == 0.25)
    #expect(timing.median == 0.25)
    #expect(timing.p99 == 0.25)
  }

  @Test func `The order makes no difference`() {
    #expect(Timing([3, 1, 2]) == Timing([1, 2, 3]))
    #expect(Timing([3, 1, 2]).best == 1)
    #expect(Timing([3, 1, 2]).median == 2)
    #expect(Timing([3, 1, 2]).p99 == 3)
  }

  @Test func `Percentiles are measurements`() {
    let hundred = Timing((1...100).map(Double.init))
    #expect(hundred.median == 50)
    #expect(hundred.p99 == 99)
    let oneMore = Timing((1...101).map(Double.init))
    #expect(oneMore.median == 51)
    #expect(oneMore.p99 == 100)
    #expect(Timing([1, 2, 3, 4]).median == 2)
  }

  @Test func `Phases are fractions of the whole`() {
    let phases = Phases(seconds: [0.5, 0.5, 2, 4, 8, 1])
    #expect(phases.packing == 0.5 / 16)
    #expect(phases.augmentation == 0.5 / 16)
    #expect(phases.loading == 2.0 / 16)
    #expect(phases.forward == 4.0 / 16)
    #expect(phases.backward == 8.0 / 16)
    #expect(phases.reduction == 1.0 / 16)
    #expect(phases.named.map(\.share).reduce(0, +) == 1)
  }
}
