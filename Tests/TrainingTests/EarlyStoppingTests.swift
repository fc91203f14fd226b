import GoldenValues
import TestTags
import Testing
import Training

@Suite("Early stopping follows the validation loss", .tags(.pure))
struct EarlyStoppingTests {
  /// The epochs whose weights are kept, and the epoch after which training stops, if it does.
  private func play(_ losses: [Double], patience: Int?, keepsLast: Bool = false) -> (kept: [Int], stopped: Int?) {
    var state = EarlyStopping(patience: patience, keepsLast: keepsLast)
    var kept: [Int] = []
    for (index, loss) in losses.enumerated() {
      let decision = state.epochEnded(index + 1, value: loss)
      if decision.keepsWeights { kept.append(index + 1) }
      #expect(state.bestEpoch == kept.last)
      if decision.stops { return (kept, index + 1) }
    }
    return (kept, nil)
  }

  @Test func `Better losses keep weights and restart the wait`() {
    #expect(play([3, 2, 2.5, 2.4, 1, 1.5, 1.6], patience: 3) == ([1, 2, 5], nil))
  }

  @Test func `The patience is the number of epochs without improvement`() {
    #expect(play([3, 2, 2, 2, 2, 2], patience: 3) == ([1, 2], 5))
    #expect(play([3, 2, 4, 1], patience: 1) == ([1, 2], 3))
  }

  @Test func `An equal loss is no improvement`() {
    #expect(play([2, 2, 2], patience: 2) == ([1], 3))
  }

  @Test func `A loss that is not a number is no improvement, but the first weights are kept`() {
    #expect(play([.nan, .nan, .nan], patience: 2) == ([1], 2))
    #expect(play([.nan, 5, .nan, 4], patience: 3) == ([1, 2, 4], nil))
  }

  @Test func `Without patience training never stops`() {
    #expect(play([1, 2, .nan, 3, 4, 5, 6, 7], patience: nil) == ([1], nil))
  }

  @Test func `Keeping the last weights leaves it to the loss only when to stop`() {
    #expect(play([3, 2, 2.5, .nan, 2], patience: 3, keepsLast: true) == ([1, 2, 3, 4, 5], 5))
    #expect(play([1, 2, 3], patience: nil, keepsLast: true) == ([1, 2, 3], nil))
  }

  @Test func `Decisions are those of Keras' callback`() throws {
    let goldens = try Goldens.expectedCallbacks().stoppings
    for golden in goldens {
      let monitor = try #require(Monitor(rawValue: golden.monitor))
      var state = EarlyStopping(
        patience: Int(golden.options["patience"] ?? 0), monitor: monitor, minDelta: golden.options["min_delta"] ?? 0)
      var stopped: Int?
      for (index, value) in golden.values.enumerated() where stopped == nil {
        if state.epochEnded(index + 1, value: value).stops { stopped = index + 1 }
      }
      #expect(state.bestEpoch == golden.best && stopped == golden.stopped, "\(golden.monitor) \(golden.options)")
    }
    #expect(Set(goldens.map { $0.stopped == nil }).count == 2)
  }

  @Test func `The first epoch never stops training`() {
    #expect(play([.nan, 1], patience: 1) == ([1, 2], nil))
    #expect(play([1, 1], patience: 0) == ([1], 2))
  }
}
