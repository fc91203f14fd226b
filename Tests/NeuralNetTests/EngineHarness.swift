import GoldenValues
import NeuralNet

/// Runs the engine micro-batch by micro-batch over the golden samples, with given weights and masks.
final class EngineHarness {
  var parameters: [Float]
  private let network: Network
  private let masks: Goldens.Masks?

  init(weights: [String: [Float]], masks: Goldens.Masks?, labelSmoothing: Float = 0, classWeights: [Float]? = nil) {
    parameters = [Float](repeating: 0, count: standard.layout.paddedCount)
    for tensor in standard.layout.tensors {
      if let values = weights[tensor.name] { parameters.replaceSubrange(tensor.range, with: values) }
    }
    network = Network(
      training: masks == nil ? .signLanguageMNIST(dropout: 0, recurrentDropout: 0) : standard,
      labelSmoothing: labelSmoothing, classWeights: classWeights)
    self.masks = masks
  }

  struct Result {
    var probabilities: [Float] = []
    var losses: [Float] = []
    var gradient = [Float](repeating: 0, count: standard.layout.paddedCount)
  }

  func evaluate(_ batch: Goldens.Batch) -> Result {
    var result = Result()
    network.pack(parameters)
    for start in stride(from: 0, to: batch.count, by: network.samples) {
      let samples = start..<min(start + network.samples, batch.count)
      evaluateMicroBatch(batch, samples, &result)
    }
    return result
  }

  private func evaluateMicroBatch(_ batch: Goldens.Batch, _ samples: Range<Int>, _ result: inout Result) {
    batch.pixels.withUnsafeBufferPointer { pixels in
      for sample in samples {
        network.load(pixels.baseAddress! + sample * 784, sample: sample - samples.lowerBound)
        setMasks(of: sample, at: sample - samples.lowerBound)
      }
    }
    var results = [SampleResult](repeating: SampleResult(loss: 0, prediction: 0), count: samples.count)
    var gradient = [Float](repeating: 0, count: result.gradient.count)
    batch.labels[samples].map { UInt16($0) }.withUnsafeBufferPointer { labels in
      network.forward(labels: labels, results: &results)
      for sample in 0..<samples.count { result.probabilities += network.probabilities(sample: sample) }
      network.backward(labels: labels, into: &gradient)
    }
    result.losses += results.map(\.loss)
    for i in gradient.indices { result.gradient[i] += gradient[i] }
  }

  /// Writes a sample's masks: those of the pooling's dropout, of the two LSTMs, and of the dense layer's.
  private func setMasks(of sample: Int, at place: Int) {
    guard let masks else { return }
    let sources = [masks.pooling, masks.lstmInput, masks.lstmRecurrent, masks.lstm1Input, masks.dense]
    precondition(network.masks.count == sources.count)
    for (mask, source) in zip(network.masks, sources) {
      for position in 0..<mask.positions {
        for channel in 0..<mask.channels {
          mask.element(position, channel, sample: place).pointee =
            source[(sample * mask.positions + position) * mask.channels + channel]
        }
      }
    }
  }
}
