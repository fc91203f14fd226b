import NeuralNet

/// Predicts several images at once, for whoever has many of them: each block of up to 8 costs little more than one image.
///
/// The probabilities of an image are the same bits whatever else is in its block, and those of `Predictor`. It belongs to one thread at a
/// time; its memory is reserved when it is made.
package final class BlockPredictor {
  /// A block for few images, and one for many: what a network computes costs the same however many of its samples are used.
  private let small: Network, large: Network
  private let labels = [UInt16](repeating: 0, count: MicroBatchSize.large)
  private var results = [SampleResult](repeating: SampleResult(loss: 0, prediction: 0), count: MicroBatchSize.large)

  private enum MicroBatchSize {
    static let small = 4, large = 8
  }

  /// A predictor of that network with those parameters, which have been trained on images so preprocessed.
  package init(_ architecture: Architecture, parameters: [Float], preprocessing: Preprocessing) {
    small = Network(inference: architecture, samples: MicroBatchSize.small, preprocessing: preprocessing)
    large = Network(inference: architecture, samples: MicroBatchSize.large, preprocessing: preprocessing)
    small.pack(parameters)
    large.pack(parameters)
  }

  /// The probabilities of all classes for each image of `architecture.input.count` bytes, in the images' order.
  package func probabilities(of images: some RandomAccessCollection<[UInt8]>) -> [[Float]] {
    var probabilities: [[Float]] = []
    probabilities.reserveCapacity(images.count)
    var rest = images[...]
    while !rest.isEmpty {
      let network = rest.count <= MicroBatchSize.small ? small : large
      let block = rest.prefix(network.samples)
      for (sample, image) in block.enumerated() {
        precondition(image.count == network.architecture.input.count, "an image has the input's pixels")
        image.withUnsafeBufferPointer { pixels in
          if let pixels = pixels.baseAddress { network.load(pixels, sample: sample) }
        }
      }
      labels.withUnsafeBufferPointer { labels in
        network.forward(labels: UnsafeBufferPointer(rebasing: labels.prefix(block.count)), results: &results)
      }
      probabilities += (0..<block.count).map { network.probabilities(sample: $0) }
      rest = rest.dropFirst(block.count)
    }
    return probabilities
  }
}
