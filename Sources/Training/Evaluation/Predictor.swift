import NeuralNet

/// Predicts single images in this process.
public struct Predictor {
  /// A label and its probability.
  public struct Candidate: Equatable, Sendable {
    /// The label, 0-24.
    public let label: Int
    /// Its probability.
    public let probability: Float
  }

  private let network: Network

  /// A predictor with those parameters, which have been trained on images so preprocessed.
  public init(parameters: [Float], preprocessing: Preprocessing = .unit) {
    network = Network(inferenceSamples: 4, preprocessing: preprocessing)
    network.pack(parameters)
  }

  /// All 25 labels of an image (784 bytes), the most probable first.
  public func candidates(for image: [UInt8]) -> [Candidate] {
    precondition(image.count == NetworkDefinition.pixels, "an image has 784 pixels")
    image.withUnsafeBufferPointer { pixels in
      if let pixels = pixels.baseAddress { network.load(pixels, sample: 0) }
    }
    var result = SampleResult(loss: 0, prediction: 0)
    let label: [UInt8] = [0]
    label.withUnsafeBufferPointer { network.forward(labels: $0, results: &result) }
    return network.probabilities(sample: 0).enumerated()
      .map { Candidate(label: $0.offset, probability: $0.element) }
      .sorted { ($0.probability, $1.label) > ($1.probability, $0.label) }
  }
}
