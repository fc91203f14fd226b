import GoldenValues
import NeuralNet

/// Runs the engine micro-batch by micro-batch over the golden samples, with given weights and masks.
final class EngineHarness {
  var parameters: [Float]
  private let network: Network
  private let masks: Goldens.Masks?

  init(weights: [String: [Float]], masks: Goldens.Masks?, labelSmoothing: Float = 0) {
    parameters = [Float](repeating: 0, count: NetworkDefinition.layout.paddedCount)
    for tensor in NetworkDefinition.layout.tensors {
      if let values = weights[tensor.name] { parameters.replaceSubrange(tensor.range, with: values) }
    }
    network = Network(training: masks == nil ? .none : .keras, labelSmoothing: labelSmoothing)
    self.masks = masks
  }

  struct Result {
    var probabilities: [Float] = []
    var losses: [Float] = []
    var gradient = [Float](repeating: 0, count: NetworkDefinition.layout.paddedCount)
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
    Array(batch.labels[samples]).withUnsafeBufferPointer { labels in
      network.forward(labels: labels, results: &results)
      for sample in 0..<samples.count { result.probabilities += network.probabilities(sample: sample) }
      network.backward(labels: labels, into: &gradient)
    }
    result.losses += results.map(\.loss)
    for i in gradient.indices { result.gradient[i] += gradient[i] }
  }

  private func setMasks(of sample: Int, at place: Int) {
    guard let masks else { return }
    func set(_ target: UnsafeMutablePointer<Float>?, _ source: [Float], count: Int) {
      for mask in 0..<count {
        for feature in 0..<64 {
          target![(mask * 8 + place) * 64 + feature] = source[(sample * count + mask) * 64 + feature]
        }
      }
    }
    set(network.masks.pooling, masks.pooling, count: 14)
    set(network.masks.firstInput, masks.lstmInput, count: 4)
    set(network.masks.firstRecurrent, masks.lstmRecurrent, count: 4)
    set(network.masks.secondInput, masks.lstm1Input, count: 1)
    set(network.masks.dense, masks.dense, count: 1)
  }
}
