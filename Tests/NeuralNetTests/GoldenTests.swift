import GoldenValues
import Kernels
import NeuralNet
import Optimizers
import TestTags
import Testing

/// The engine against Keras in double precision, on inputs made by formula.
///
/// Tolerance: the engine computes in single precision (unit roundoff u = 6e-8) through chains of a few hundred roundings
/// (14 time steps of two layers with sums of 64 terms each), so errors of some 100 u of the largest value of a tensor are
/// expected where all signs agree, and a small part of that where they do not. The limits below, 5e-6 of the largest value,
/// are about 80 u; a wrong term, mask or gate shows as an error of 1e-2 or more.
@Suite("The network and its optimizers agree with Keras", .tags(.golden))
struct GoldenTests {
  @Test(arguments: Goldens.Case.allCases)
  func `Forward pass, losses and gradients agree with Keras`(_ golden: Goldens.Case) throws {
    let expected = try Goldens.expected(golden)
    let masks = golden == .dropout ? Goldens.masks() : nil
    let harness = EngineHarness(weights: Goldens.weights(), masks: masks)
    let result = harness.evaluate(Goldens.batch())

    expectClose(result.probabilities, expected.probabilities, "probabilities")
    expectClose(result.losses, expected.losses, "losses")
    for tensor in standard.layout.tensors {
      let gradient = try #require(expected.gradients[tensor.name])
      expectClose(Array(result.gradient[tensor.range]), gradient, "\(golden) gradient of \(tensor.name)")
    }
  }

  @Test func `A wrong gradient is noticed`() throws {
    let expected = try Goldens.expected(.plain)
    let result = EngineHarness(weights: Goldens.weights(), masks: Goldens.masks()).evaluate(Goldens.batch())
    let tensor = standard.layout["lstm/recurrent_kernel"]
    let gradient = try #require(expected.gradients[tensor.name])
    #expect(largestError(Array(result.gradient[tensor.range]), gradient) > 1e-2)
  }

  @Test func `Ten Adam steps agree with Keras`() throws {
    let expected = try Goldens.expectedAdam()
    let harness = EngineHarness(weights: Goldens.weights(), masks: nil)
    var adam = ShardedOptimizer(Adam(), range: 0..<standard.layout.paddedCount)
    var losses: [Double] = []
    var first = 0
    for (step, size) in Goldens.adamBatchSizes.enumerated() {
      let result = harness.evaluate(Goldens.batch(first: first, count: size))
      losses.append(result.losses.reduce(0) { $0 + Double($1) } / Double(size))
      adam.begin(step: step + 1, learningRate: 0.001)
      _ = harness.parameters.withUnsafeMutableBufferPointer { parameters in
        adam.update(gradient: result.gradient, scale: 1 / Float(size), parameters: parameters.baseAddress!)
      }
      first += size
    }
    for (loss, golden) in zip(losses, expected.losses) { #expect(abs(loss / golden - 1) < 1e-6) }
    for tensor in standard.layout.tensors {
      let parameters = try #require(expected.parameters[tensor.name])
      // A step is at most the learning rate long, also where the gradient is all rounding error: 10 steps of 0.001 are the
      // bound for such parameters, and the mean over a tensor must be far below.
      let errors = zip(harness.parameters[tensor.range], parameters).map { abs(Double($0) - $1) }
      #expect(errors.reduce(0, +) / Double(errors.count) < 2e-6, "\(tensor.name)")
      expectClose(Array(adam[0][tensor.range]), try #require(expected.momentum[tensor.name]), tensor.name)
      expectClose(Array(adam[1][tensor.range]), try #require(expected.velocity[tensor.name]), tensor.name)
    }
  }

  /// Each of the three changes the last loss by more than 1e-4 (make_goldens.py asserts it).
  @Test func `Ten steps of AdamW with clipping and smoothed labels agree with Keras`() throws {
    let expected = try Goldens.expectedRegularized()
    let harness = EngineHarness(
      weights: Goldens.weights(), masks: nil, labelSmoothing: Float(expected.labelSmoothing))
    let count = standard.layout.paddedCount
    var adam = ShardedOptimizer(Adam(), weightDecay: expected.weightDecay, range: 0..<count)
    var first = 0
    for (step, size) in Goldens.adamBatchSizes.enumerated() {
      let result = harness.evaluate(Goldens.batch(first: first, count: size))
      let loss = result.losses.reduce(0) { $0 + Double($1) } / Double(size)
      #expect(abs(loss / expected.losses[step] - 1) < 1e-6, "step \(step)")
      adam.begin(step: step + 1, learningRate: 0.001)
      var squares = SquareSums(count: count)
      squares.measure(result.gradient)
      let norm = squares.sums.reduce(0, +).squareRoot() / Double(size)
      let scale = 1 / Float(size) * Float(min(1, expected.globalClipnorm / norm))
      _ = harness.parameters.withUnsafeMutableBufferPointer { parameters in
        adam.update(gradient: result.gradient, scale: scale, parameters: parameters.baseAddress!)
      }
      first += size
    }
  }

  /// The weights change the last loss by more than 1e-3 (make_goldens.py asserts it).
  @Test func `Ten steps of Adam with class weights agree with Keras`() throws {
    let expected = try Goldens.expectedWeighted()
    let harness = EngineHarness(
      weights: Goldens.weights(), masks: nil, classWeights: expected.classWeights.map { Float($0) })
    #expect(expected.losses.count == Goldens.adamBatchSizes.count)
    var adam = ShardedOptimizer(Adam(), range: 0..<standard.layout.paddedCount)
    var first = 0
    for (step, size) in Goldens.adamBatchSizes.enumerated() {
      let result = harness.evaluate(Goldens.batch(first: first, count: size))
      let loss = result.losses.reduce(0) { $0 + Double($1) } / Double(size)
      #expect(abs(loss / expected.losses[step] - 1) < 1e-6, "step \(step)")
      adam.begin(step: step + 1, learningRate: 0.001)
      _ = harness.parameters.withUnsafeMutableBufferPointer { parameters in
        adam.update(gradient: result.gradient, scale: 1 / Float(size), parameters: parameters.baseAddress!)
      }
      first += size
    }
  }

  private func largestError(_ values: [Float], _ expected: [Double]) -> Double {
    let scale = expected.map(abs).max() ?? 0
    return zip(values, expected).map { abs(Double($0) - $1) }.max().map { $0 / scale } ?? .infinity
  }

  private func expectClose(_ values: [Float], _ expected: [Double], _ what: String) {
    #expect(values.count == expected.count, "\(what)")
    let error = largestError(values, expected)
    #expect(error < 5e-6, "\(what): \(error)")
  }
}
