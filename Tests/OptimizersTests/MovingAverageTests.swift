import Optimizers
import TestTags
import Testing

@Suite("The moving average follows the weights", .tags(.pure))
struct MovingAverageTests {
  @Test func `The decay grows from 0 to its value`() {
    let average = MovingAverage(range: 0..<16, decay: 0.9)
    #expect(average.rate(step: 1) == 1)
    #expect(average.rate(step: 2) == Float(1 - 1.0 / 10))
    #expect(average.rate(step: 10) == 0.5)
    // t / (t + 9) reaches 0.9 at t = 81.
    #expect(average.rate(step: 81) > Float(1 - 0.9))
    #expect(average.rate(step: 83) == Float(1 - 0.9))
    #expect(average.rate(step: 100_000) == Float(1 - 0.9))
  }

  @Test func `The first step begins the average, whatever was there`() {
    var average = MovingAverage(range: 16..<48, decay: 0.999)
    let parameters = (0..<64).map { Float($0) }
    average.follow(parameters, part: 16..<48, rate: average.rate(step: 1))
    #expect(average.values == Array(parameters[16..<48]))
  }

  @Test func `Parts of the range are followed one by one`() {
    var (whole, parts) = (MovingAverage(range: 32..<96, decay: 0.5), MovingAverage(range: 32..<96, decay: 0.5))
    for step in 1...20 {
      let parameters = (0..<128).map { Float(($0 * 37 + step * step) % 101) }
      let rate = whole.rate(step: step)
      whole.follow(parameters, part: 32..<96, rate: rate)
      for part in [64..<96, 32..<48, 48..<64] { parts.follow(parameters, part: part, rate: rate) }
    }
    #expect(whole.values == parts.values)
    #expect(Set(whole.values).count > 10)
  }
}
