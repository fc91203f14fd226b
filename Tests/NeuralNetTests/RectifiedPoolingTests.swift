import NeuralNet
import TestTags
import Testing

/// A maximum pooling right after a layer with a ReLU computes the ReLU's backward pass too, where the values were.
@Suite("A pooling after a rectified convolution has the bits of the layers apart", .tags(.bits))
struct RectifiedPoolingTests {
  /// A network whose first pooling follows a layer with a ReLU, or an `Activation` after the same layer without one.
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let input: Shape
    let layers: @Sendable (_ activation: ActivationFunction) -> [any Layer]
    var testDescription: String { name }

    func architecture(isApart: Bool) throws -> Architecture {
      var layers = layers(isApart ? .linear : .relu)
      if isApart { layers.insert(Activation(.relu), at: 1) }
      return try Architecture(input: input, layers: layers.map { (nil, $0) })
    }
  }

  static let cases = [
    Case(name: "pairs of steps", input: [28, 28]) {
      [Conv1D(64, kernelSize: 3, padding: .same, activation: $0), MaxPooling1D(2), Flatten(), Dense(4)]
    },
    Case(name: "squares that leave a row and a column", input: [12, 14, 1]) {
      [Conv2D(20, kernelSize: 4, activation: $0), MaxPooling2D(2), Conv2D(5, kernelSize: 2), Flatten(), Dense(3)]
    },
    Case(name: "squares of nine, apart, some of them cut off", input: [11, 9, 3]) {
      [
        Conv2D(33, kernelSize: 2, strides: 1, padding: .same, activation: $0),
        MaxPooling2D(3, strides: 4, padding: .same),
        Flatten(), Dense(5),
      ]
    },
    Case(name: "windows that overlap", input: [12, 10]) {
      [Conv1D(17, kernelSize: 3, activation: $0), MaxPooling1D(3, strides: 2), Flatten(), Dense(4)]
    },
  ]

  /// The gradient and the probabilities of a micro-batch, by two passes over it.
  private func passes(_ architecture: Architecture, _ parameters: [Float]) -> [[Float]] {
    let network = Network(training: architecture)
    network.pack(parameters)
    let count = architecture.input.count
    let labels = (0..<7).map { UInt16($0 % architecture.classes) }
    return (0..<2).flatMap { _ in
      for sample in labels.indices {
        let pixels = (0..<count).map { UInt8(truncatingIfNeeded: ($0 &+ sample &* 31) &* 2_654_435_761 >> 11) }
        network.load(pixels, sample: sample)
      }
      var results = [SampleResult](repeating: SampleResult(loss: 0, prediction: 0), count: labels.count)
      var gradient = [Float](repeating: 0, count: parameters.count)
      labels.withUnsafeBufferPointer { labels in
        network.forward(labels: labels, results: &results)
        network.backward(labels: labels, into: &gradient)
      }
      return [gradient, labels.indices.flatMap { network.probabilities(sample: $0) }]
    }
  }

  @Test(arguments: cases)
  func `Gradients and probabilities`(_ network: Case) throws {
    let (together, apart) = (try network.architecture(isApart: false), try network.architecture(isApart: true))
    let parameters = (0..<together.layout.paddedCount).map { Float(($0 &* 7_919) % 257) / 256 - 0.5 }
    #expect(together.layout.paddedCount == apart.layout.paddedCount)
    let (passes, expected) = (passes(together, parameters), passes(apart, parameters))
    #expect(passes.map { $0.map(\.bitPattern) } == expected.map { $0.map(\.bitPattern) })
    #expect(passes[0].contains { $0 != 0 })
    #expect(passes[0] == passes[2] && passes[1] == passes[3], "a second pass over the same images")
  }
}
