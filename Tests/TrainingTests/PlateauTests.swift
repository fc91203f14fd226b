import GoldenValues
import TestTags
import Testing
import Training

@Suite("The learning rate is reduced on a plateau as Keras does it", .tags(.pure))
struct PlateauTests {
  @Test(.tags(.golden))
  func `Rates are those of Keras' callback`() throws {
    let goldens = try Goldens.expectedCallbacks().plateaus
    for golden in goldens {
      let options = golden.options
      var plateau = LearningRatePlateau(
        monitor: try #require(Monitor(rawValue: golden.monitor)), rate: 0.001, factor: options["factor"] ?? 0.1,
        patience: Int(options["patience"] ?? 10), minDelta: options["min_delta"] ?? 1e-4,
        cooldown: Int(options["cooldown"] ?? 0), minRate: options["min_lr"] ?? 0)
      let rates = golden.values.map { value in
        let before = plateau.rate
        let epochs = plateau.epochEnded(value: value)
        #expect((epochs != nil) == (plateau.rate != before))
        return plateau.rate
      }
      #expect(rates == golden.rates, "\(golden.monitor) \(options)")
    }
    #expect(goldens.count { $0.rates.last != 0.001 } == goldens.count - 1)
  }

  @Test func `What is not a number is no improvement, and infinity can be improved on`() {
    var plateau = LearningRatePlateau(
      monitor: .validationLoss, rate: 1, factor: 0.5, patience: 2, minDelta: 0, cooldown: 0, minRate: 0)
    #expect([Double.nan, .infinity, 3, .nan, .nan].map { plateau.epochEnded(value: $0) } == [nil, nil, nil, nil, 2])
    #expect(plateau.rate == 0.5)
  }
}
