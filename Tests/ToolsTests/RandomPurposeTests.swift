import Datasets
import FaultInjection
import Kernels
import NeuralNet
import TestTags
import Testing
import Training
import Transforms

/// The registry of random purposes is open; here all of it is seen at once. 5 is the command line's.
@Suite("Random purposes never share a number", .tags(.pure))
struct RandomPurposeTests {
  @Test func `Every purpose has a number of its own, for ever the same`() {
    let purposes: [RandomPurpose] = [
      .initialWeights, .permutation, .dropout, .synthesis, .augmentation, .faults, .corruption, .recomputation,
    ]
    #expect(purposes.map(\.number) == [1, 2, 3, 4, 6, 7, 8, 9])
  }
}
