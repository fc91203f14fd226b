import NeuralNet

/// Predicts single images in this process.
public struct Predictor {
  /// A label and its probability.
  public struct Candidate: Equatable, Sendable {
    /// The label.
    public let label: Int
    /// Its probability.
    public let probability: Float
  }

  private let network: Network
  private let samples: Int

  /// A predictor of that network with those parameters, which have been trained on images so preprocessed.
  ///
  /// - Parameter samples: how many images it computes at a time; more of them are quicker, an image's bits do not depend on it.
  public init(
    _ architecture: Architecture, parameters: [Float], preprocessing: Preprocessing = .unit, samples: Int = 4
  ) {
    precondition(samples > 0, "a predictor computes something")
    self.samples = samples
    network = Network(inference: architecture, samples: samples, preprocessing: preprocessing)
    network.pack(parameters)
  }

  /// All labels of an image, the most probable first.
  public func candidates(for image: [UInt8]) -> [Candidate] { candidates(for: [image])[0] }

  /// For each image all labels, the most probable first; of equally probable ones the lower label.
  ///
  /// - Parameter images: each of the input's bytes.
  public func candidates(for images: [[UInt8]]) -> [[Candidate]] {
    stride(from: 0, to: images.count, by: samples).flatMap { start in
      block(images[start..<min(start + samples, images.count)])
    }
  }

  private func block(_ images: ArraySlice<[UInt8]>) -> [[Candidate]] {
    for (sample, image) in images.enumerated() {
      precondition(image.count == network.architecture.input.count, "an image has the input's pixels")
      image.withUnsafeBufferPointer { pixels in
        if let pixels = pixels.baseAddress { network.load(pixels, sample: sample) }
      }
    }
    var results = [SampleResult](repeating: SampleResult(loss: 0, prediction: 0), count: images.count)
    let labels = [UInt16](repeating: 0, count: images.count)
    labels.withUnsafeBufferPointer { labels in
      results.withUnsafeMutableBufferPointer { results in
        if let results = results.baseAddress { network.forward(labels: labels, results: results) }
      }
    }
    return images.indices.map { index in
      network.probabilities(sample: index - images.startIndex).enumerated()
        .map { Candidate(label: $0.offset, probability: $0.element) }
        .sorted { ($0.probability, $1.label) > ($1.probability, $0.label) }
    }
  }
}
