import FoundationEssentials
import GoldenValues
import Kernels
import NeuralNet

/// Runs a network of the table micro-batch by micro-batch, with the formula's weights.
final class ArchitectureHarness {
  let golden: ArchitectureGolden
  let architecture: Architecture
  var parameters: [Float]
  private let network: Network

  init(_ golden: ArchitectureGolden) throws {
    self.golden = golden
    architecture = try JSONDecoder().decode(Architecture.self, from: golden.modelJSON())
    parameters = [Float](repeating: 0, count: architecture.layout.paddedCount)
    let weights = golden.weights()
    for tensor in architecture.layout.tensors {
      if let values = weights[tensor.name] { parameters.replaceSubrange(tensor.range, with: values) }
    }
    network = Network(training: architecture, preprocessing: golden.divisor == 1 ? .raw : .unit)
  }

  struct Result {
    var probabilities: [Float] = []
    var losses: [Float] = []
    var gradient: [Float]

    var loss: Double { losses.reduce(0) { $0 + Double($1) } }
  }

  /// - Parameter seed: of the dropout masks of all layers; nil for none, where all are 1.
  func evaluate(_ batch: ArchitectureGolden.Batch, dropoutSeed seed: UInt64? = nil) -> Result {
    var result = Result(gradient: [Float](repeating: 0, count: parameters.count))
    network.pack(parameters)
    for start in stride(from: 0, to: batch.count, by: network.samples) {
      evaluateMicroBatch(batch, start..<min(start + network.samples, batch.count), seed, &result)
    }
    return result
  }

  private func evaluateMicroBatch(
    _ batch: ArchitectureGolden.Batch, _ samples: Range<Int>, _ seed: UInt64?, _ result: inout Result
  ) {
    batch.pixels.withUnsafeBufferPointer { pixels in
      for sample in samples {
        let index = sample - samples.lowerBound
        network.load(pixels.baseAddress! + sample * golden.inputCount, sample: index)
        if let seed { network.drawMasks(seed: seed, epoch: 0, row: sample, sample: index) } else { open(index) }
      }
    }
    var results = [SampleResult](repeating: SampleResult(loss: 0, prediction: 0), count: samples.count)
    var gradient = [Float](repeating: 0, count: parameters.count)
    batch.labels[samples].map { UInt16($0) }.withUnsafeBufferPointer { labels in
      network.forward(labels: labels, results: &results)
      for sample in 0..<samples.count { result.probabilities += network.probabilities(sample: sample) }
      network.backward(labels: labels, into: &gradient)
    }
    result.losses += results.map(\.loss)
    for i in gradient.indices { result.gradient[i] += gradient[i] }
  }

  /// Drops nothing of a sample.
  private func open(_ sample: Int) {
    for mask in network.masks {
      for position in 0..<mask.positions {
        mask.element(position, 0, sample: sample).update(repeating: 1, count: mask.channels)
      }
    }
  }
}
