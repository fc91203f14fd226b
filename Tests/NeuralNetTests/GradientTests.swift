import GoldenValues
import NeuralNet
import ReferenceKernels
import ReferenceNetwork
import TestTags
import Testing

/// The engine's gradient against differences of the reference network's loss: no backward pass written by anyone, and none
/// of Keras, is trusted here.
///
/// Tolerance: the differences are right to 1e-8 (GradientCheck), the engine to single precision as GoldenTests argues:
/// 5e-6 of the greatest value of a tensor.
@Suite("The gradient agrees with numerical differences", .tags(.golden, .bits, .slow))
struct GradientTests {
  static let samples = 3
  static let tolerance = 5e-6

  /// Some 16 entries of a tensor, spread over all its columns, and its largest one. Left out is what the formula puts on a
  /// kink, where there is no derivative: filters 0 and 1, and unit 1 of the dense layer.
  static func entries(_ tensor: Goldens.Tensor, _ gradient: [Float]) -> [Int] {
    let columns = tensor.shape[tensor.shape.count - 1]
    func isSmooth(_ entry: Int) -> Bool {
      switch tensor.name {
      case "conv1d/kernel", "conv1d/bias": entry % columns > 1
      case "dense/kernel", "dense/bias": entry % columns != 1
      default: true
      }
    }
    let spread = stride(from: 2, to: tensor.count, by: max(1, tensor.count / 16 | 1)).filter(isSmooth)
    let largest = gradient.indices.filter(isSmooth).max { abs(gradient[$0]) < abs(gradient[$1]) }
    return spread + [largest].compactMap { $0 }
  }

  /// The engine's gradient of the first samples' summed losses, by tensor.
  static func engineGradient(masks: Goldens.Masks?, smoothing: Float = 0) -> [String: [Float]] {
    let harness = EngineHarness(weights: Goldens.weights(), masks: masks, labelSmoothing: smoothing)
    let gradient = harness.evaluate(Goldens.batch(count: samples)).gradient
    return Dictionary(
      uniqueKeysWithValues: standard.layout.tensors.map { ($0.name, Array(gradient[$0.range])) })
  }

  /// The reference network's loss of the same samples as a function of the parameters.
  static func loss(masks: Goldens.Masks?, smoothing: Double = 0) -> ([String: [Double]]) -> Double {
    let batch = Goldens.batch(count: samples)
    let sampleMasks = masks.map {
      SampleMasks.samples(
        pooling: $0.pooling, lstmInput: $0.lstmInput, lstmRecurrent: $0.lstmRecurrent, lstm1Input: $0.lstm1Input,
        dense: $0.dense)
    }
    return { parameters in
      let model = ReferenceModel(parameters)
      return (0..<samples).reduce(0) { sum, n in
        let pixels = batch.pixels[n * 784..<(n + 1) * 784]
        return sum
          + model.forward(pixels: pixels, masks: sampleMasks?[n] ?? .ones)
          .loss(label: batch.labels[n], smoothing: smoothing)
      }
    }
  }

  /// The largest difference over a tensor's entries, relative to the tensor's greatest value.
  static func error(
    of gradient: [Float], _ tensor: Goldens.Tensor, _ function: ([String: [Double]]) -> Double
  ) -> Double {
    let point = Goldens.weights().mapValues { $0.map(Double.init) }
    let greatest = gradient.map { abs(Double($0)) }.max() ?? 0
    let errors = entries(tensor, gradient).map { entry in
      let numeric = GradientCheck().difference(at: point, name: tensor.name, index: entry, function: function)
      return abs(Double(gradient[entry]) - numeric)
    }
    return errors.count > 8 ? (errors.max() ?? .infinity) / greatest : .infinity
  }

  @Test(arguments: Goldens.Case.allCases)
  func `The gradient is the numerical one`(_ golden: Goldens.Case) throws {
    let masks = golden == .dropout ? Goldens.masks(count: Self.samples) : nil
    let gradient = Self.engineGradient(masks: masks)
    let loss = Self.loss(masks: masks)
    for tensor in Goldens.layout {
      let error = Self.error(of: try #require(gradient[tensor.name]), tensor, loss)
      #expect(error < Self.tolerance, "\(golden) \(tensor.name): \(error)")
    }
  }

  @Test func `The gradient of smoothed labels is the numerical one`() throws {
    let gradient = Self.engineGradient(masks: nil, smoothing: 0.125)
    let (smoothed, plain) = (Self.loss(masks: nil, smoothing: 0.125), Self.loss(masks: nil))
    for tensor in Goldens.layout {
      let values = try #require(gradient[tensor.name])
      let error = Self.error(of: values, tensor, smoothed)
      #expect(error < Self.tolerance, "\(tensor.name): \(error)")
      #expect(Self.error(of: values, tensor, plain) > 1e-2, "\(tensor.name): smoothing does nothing")
    }
  }

  /// Recorded once: a build for vectors of another width, or for another CPU, must give these very bits.
  @Test(arguments: [(Goldens.Case.plain, "8857b61cc4bc5de7"), (.dropout, "9ead2d427e7d5329")])
  func `The bits of losses and gradient`(_ golden: Goldens.Case, _ recorded: String) {
    let masks = golden == .dropout ? Goldens.masks() : nil
    let result = EngineHarness(weights: Goldens.weights(), masks: masks).evaluate(Goldens.batch())
    #expect(fingerprint(result.losses + result.gradient) == recorded)
  }

  /// The negative controls: another function's gradient, and one entry off by a ten-thousandth.
  @Test func `A wrong gradient is noticed in every tensor`() throws {
    let gradient = Self.engineGradient(masks: nil)
    let masked = Self.loss(masks: Goldens.masks(count: Self.samples))
    let plain = Self.loss(masks: nil)
    for tensor in Goldens.layout {
      var values = try #require(gradient[tensor.name])
      #expect(Self.error(of: values, tensor, masked) > 1e-2, "\(tensor.name)")
      let largest = try #require(Self.entries(tensor, values).last)
      values[largest] *= 1.0001
      #expect(Self.error(of: values, tensor, plain) > Self.tolerance, "\(tensor.name)")
    }
  }
}
