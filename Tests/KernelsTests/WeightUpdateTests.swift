import Kernels
import ReferenceKernels
import TestTags
import Testing

@Suite("Weight decay, moving average and sums of squares have the scalar twins' bits", .tags(.bits))
struct WeightUpdateTests {
  @Test(arguments: PointwiseTests.counts)
  func `Weight decay`(_ count: Int) {
    let parameters = Inputs.numbersWithEdges(1, count)
    expectSameBits(
      output(count, from: parameters) { decayWeights($0, by: 3e-5, count: count) },
      parameters.map { ReferenceKernels.decayed($0, by: 3e-5) })
  }

  @Test(arguments: PointwiseTests.counts)
  func `A moving average`(_ count: Int) {
    let average = Inputs.numbersWithEdges(1, count)
    let parameters = Inputs.numbersWithEdges(2, count, turn: 7)
    for rate: Float in [0.001, 0.5, 1] {
      expectSameBits(
        output(count, from: average) { moveAverage($0, towards: parameters, rate: rate, count: count) },
        zip(average, parameters).map { ReferenceKernels.movedAverage($0, towards: $1, rate: rate) }, "rate \(rate)")
    }
  }

  @Test func `An average with the rate 1 is the last value`() {
    // As long as neither is much larger: average + (θ - average) rounds twice.
    let (average, parameters) = (Inputs.numbers(1, 512), Inputs.numbers(2, 512))
    expectSameBits(output(512, from: average) { moveAverage($0, towards: parameters, rate: 1, count: 512) }, parameters)
  }

  @Test(arguments: PointwiseTests.counts)
  func `Squares are summed by groups of 16`(_ count: Int) {
    for scale: Float in [1e-20, 1, 1e18] {
      let values = Inputs.numbers(3, count, scale: scale)
      var sums = [Double](repeating: -1, count: count / 16 + 1)
      squareSums(values, into: &sums, count: count)
      let expected = (0..<count / 16).map { ReferenceKernels.squareSum(Array(values[16 * $0..<16 * $0 + 16])) }
      #expect(sums.map(\.bitPattern) == (expected + [-1]).map(\.bitPattern), "scale \(scale)")
      let exact = values.reduce(0) { $0 + Double($1) * Double($1) }
      #expect(abs(expected.reduce(0, +) - exact) <= 1e-13 * exact)
    }
  }

  @Test func `What is not finite shows in the sum of squares`() {
    for bad: Float in [.nan, .infinity, -.infinity] {
      var values = Inputs.numbers(1, 32)
      values[21] = bad
      var sums = [0.0, 0.0]
      squareSums(values, into: &sums, count: 32)
      #expect(sums[0].isFinite && !sums[1].isFinite)
    }
  }
}
