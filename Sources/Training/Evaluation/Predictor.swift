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

  /// A predictor of that network with those parameters, which have been trained on images so preprocessed.
  public init(_ architecture: Architecture, parameters: [Float], preprocessing: Preprocessing = .unit) {
    network = Network(inference: architecture, samples: 4, preprocessing: preprocessing)
    network.pack(parameters)
  }

  /// All labels of an image, the most probable first.
  public func candidates(for image: [UInt8]) -> [Candidate] {
    precondition(image.count == network.architecture.input.count, "an image has the input's pixels")
    image.withUnsafeBufferPointer { pixels in
      if let pixels = pixels.baseAddress { network.load(pixels, sample: 0) }
    }
    var result = SampleResult(loss: 0, prediction: 0)
    let label: [UInt16] = [0]
    label.withUnsafeBufferPointer { network.forward(labels: $0, results: &result) }
    return network.probabilities(sample: 0).enumerated()
      .map { Candidate(label: $0.offset, probability: $0.element) }
      .sorted { ($0.probability, $1.label) > ($1.probability, $0.label) }
  }
}
