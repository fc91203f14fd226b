import GoldenValues
import ReferenceNetwork
import TestTags
import Testing

/// The reference network and Keras, both in double precision, differ by their order of summation alone. A sum of n terms
/// rounds by about sqrt(n) 2^-53 of its size, and the deepest chain (14 steps of two LSTMs over sums of 128 terms, then a
/// sum over 11 samples) stays below 1e4 such roundings: 1e-12 of the greatest value of a tensor.
let tolerance = 1e-12

/// The greatest difference, relative to the greatest expected value.
func difference(_ values: [Double], _ expected: [Double]) -> Double {
  guard values.count == expected.count else { return .infinity }
  let greatest = expected.map(abs).max() ?? 0
  return zip(values, expected).map { abs($0 - $1) }.reduce(0, max) / greatest
}

extension Goldens {
  /// The formula's weights in double precision.
  static var point: [String: [Double]] { weights().mapValues { $0.map(Double.init) } }

  /// The masks of the golden case, one per sample; none without dropout.
  static func sampleMasks(_ golden: Case) -> [SampleMasks]? {
    guard golden == .dropout else { return nil }
    let masks = masks()
    return SampleMasks.samples(
      pooling: masks.pooling, lstmInput: masks.lstmInput, lstmRecurrent: masks.lstmRecurrent,
      lstm1Input: masks.lstm1Input, dense: masks.dense)
  }
}

@Suite("The reference network agrees with Keras", .tags(.golden))
struct AgainstKeras {
  @Test(arguments: Goldens.Case.allCases)
  func `Forward pass, losses and gradients agree`(golden: Goldens.Case) throws {
    let batch = Goldens.batch()
    let expected = try Goldens.expected(golden)
    let actual = ReferenceModel(Goldens.point).evaluate(
      pixels: batch.pixels, labels: batch.labels, masks: Goldens.sampleMasks(golden))
    #expect(difference(actual.probabilities.flatMap { $0 }, expected.probabilities) < tolerance)
    #expect(difference(actual.losses, expected.losses) < tolerance)
    for tensor in Goldens.layout {
      let difference = difference(actual.gradients[tensor.name]!, expected.gradients[tensor.name]!)
      #expect(difference < tolerance, "\(tensor.name)")
    }
  }

  @Test func `The tensors are those that went in`() {
    #expect(ReferenceModel(Goldens.point).tensors == Goldens.point)
  }

  @Test func `Some pooling windows tie`() {
    // The goldens show where the gradient of a tie goes only if there are positive ties of different inputs.
    let activations = ReferenceModel(Goldens.point).forward(pixels: Goldens.batch(count: 1).pixels)
    let ties = (0..<14).filter { t in
      let (a, b) = (2 * t, 2 * t + 1)
      return activations.convolved[a][0] == activations.convolved[b][0] && activations.convolved[a][0] > 0
        && activations.image[a] != activations.image[b]
    }
    #expect(ties.count >= 7)
  }

  @Test(arguments: Goldens.Case.allCases)
  func `No sample lies near a kink`(golden: Goldens.Case) {
    // Else an engine in single precision, whose sums are wrong by some 1e-7, could rightly take the other branch.
    let model = ReferenceModel(Goldens.point)
    let batch = Goldens.batch()
    let masks = Goldens.sampleMasks(golden)
    for n in 0..<batch.count {
      let activations = model.forward(pixels: batch.pixels[n * 784..<(n + 1) * 784], masks: masks?[n] ?? .ones)
      #expect(activations.kinkDistance > 1e-5, "sample \(n)")
    }
  }

  @Test func `Ten steps of Adam agree`() throws {
    let expected = try Goldens.expectedAdam()
    var parameters = Goldens.point
    var adam = ReferenceAdam()
    var first = 0
    var losses: [Double] = []
    for count in Goldens.adamBatchSizes {
      let batch = Goldens.batch(first: first, count: count)
      let evaluation = ReferenceModel(parameters).evaluate(pixels: batch.pixels, labels: batch.labels)
      losses.append(evaluation.losses.reduce(0, +) / Double(count))
      adam.step(&parameters, gradient: evaluation.gradients.mapValues { $0.map { $0 / Double(count) } })
      first += count
    }
    #expect(difference(losses, expected.losses) < tolerance)
    // The tensors of this file are rounded to single precision: half an ulp, 2^-25 of the value's binade, 6e-8 at most.
    for tensor in Goldens.layout {
      #expect(difference(parameters[tensor.name]!, expected.parameters[tensor.name]!) < 6e-8, "\(tensor.name)")
      #expect(difference(adam.momentum[tensor.name]!, expected.momentum[tensor.name]!) < 6e-8, "\(tensor.name)")
      #expect(difference(adam.velocity[tensor.name]!, expected.velocity[tensor.name]!) < 6e-8, "\(tensor.name)")
    }
  }
}
