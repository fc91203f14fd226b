import Foundation
import Kernels
import Optimizers
import TestTags
import Testing

@Suite("Learning rates follow their schedule", .tags(.pure, .bits))
struct ScheduleTests {
  private static func rates(_ schedule: LearningRateSchedule) -> [Double] {
    (1...schedule.totalSteps).map(schedule.rate)
  }

  @Test func `A constant rate`() {
    #expect(Self.rates(LearningRateSchedule(peak: 0.003, totalSteps: 50)) == Array(repeating: 0.003, count: 50))
  }

  /// `keras.optimizers.schedules.CosineDecay(0.003, 100)` of Keras 3.15.1 in double precision is
  /// 0.003 * 0.5 * (1 + cos(pi * step / 100)), its step counted from 0.
  @Test func `A cosine falls as Keras' does`() {
    let rates = Self.rates(LearningRateSchedule(peak: 0.003, decay: .cosine, totalSteps: 100))
    #expect(rates[0] == 0.003)
    for (step, rate) in rates.enumerated() {
      let expected = 0.003 * 0.5 * (1 + cos(Double.pi * Double(step) / 100))
      // The rounding of 1 + cos is relative to 1, not to what is left of it.
      #expect(abs(rate - expected) <= 0.003 * 4e-16, "step \(step): \(rate), \(expected)")
    }
  }

  @Test func `The cosine's ends and middle are exact, and it always falls`() {
    let schedule = LearningRateSchedule(peak: 1, decay: .cosine, totalSteps: 1000)
    #expect(abs(schedule.rate(step: 501) - 0.5) < 1e-15)
    #expect(schedule.rate(step: 1001) == 0)
    #expect(schedule.rate(step: 2000) == 0)
    let rates = Self.rates(schedule)
    #expect(zip(rates, rates.dropFirst()).allSatisfy { $0 > $1 })
    #expect(rates[999] > 0)
  }

  @Test func `The warm-up rises evenly to the peak`() {
    for decay: LearningRateSchedule.Decay in [.constant, .cosine, .steps(every: 50, factor: 0.1)] {
      let rates = Self.rates(LearningRateSchedule(peak: 0.5, decay: decay, warmUpSteps: 4, totalSteps: 10))
      #expect(Array(rates[..<5]) == [0.125, 0.25, 0.375, 0.5, 0.5], "\(decay)")
    }
    let middle = LearningRateSchedule(peak: 1, decay: .cosine, warmUpSteps: 4, totalSteps: 10).rate(step: 8)
    #expect(abs(middle - 0.5) < 1e-15)
  }

  @Test func `A run that ends in its warm-up never meets the peak`() {
    let rates = Self.rates(LearningRateSchedule(peak: 1, decay: .cosine, warmUpSteps: 8, totalSteps: 4))
    #expect(rates == [0.125, 0.25, 0.375, 0.5])
  }

  @Test func `Steps multiply the rate by the factor`() {
    let schedule = LearningRateSchedule(peak: 8, decay: .steps(every: 3, factor: 0.5), totalSteps: 8)
    #expect(Self.rates(schedule) == [8, 8, 8, 4, 4, 4, 2, 2])
  }

  /// Recorded once: the rates may not depend on the machine.
  @Test func `The bits of a cosine`() {
    let schedule = LearningRateSchedule(peak: 0.003, decay: .cosine, warmUpSteps: 430, totalSteps: 17200)
    var mixed: UInt64 = 0
    for rate in Self.rates(schedule) { mixed = (mixed &* 0x9E37_79B9_7F4A_7C15) ^ rate.bitPattern }
    #expect(String(mixed, radix: 16) == "689dbb4a0dc63d22")
  }
}
