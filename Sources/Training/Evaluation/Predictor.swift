import NeuralNet

/// Predicts images in this process.
///
/// The probabilities of an image are the same bits whatever is predicted beside it. It belongs to one thread at a time; its memory is
/// reserved when it is made.
public struct Predictor {
  /// A label and its probability.
  public struct Candidate: Equatable, Sendable {
    /// The label.
    public let label: Int
    /// Its probability.
    public let probability: Float
  }

  /// A network for each size of block, the largest first: what one computes costs the same however many of its samples are used.
  private let networks: [Network]

  /// The sizes of blocks. A larger one would be no faster; an image alone takes half as long as four.
  private static let blockSizes = [8, 4, 1]

  /// A predictor of that network with those parameters, which have been trained on images so preprocessed.
  public init(_ architecture: Architecture, parameters: [Float], preprocessing: Preprocessing = .unit) {
    networks = Self.blockSizes.map {
      Network(inference: architecture, samples: $0, preprocessing: preprocessing)
    }
    for network in networks { network.pack(parameters) }
  }

  /// All labels of an image, the most probable first; of equally probable ones the lower label.
  public func candidates(for image: [UInt8]) -> [Candidate] { Self.candidates(probabilities(of: [image])[0]) }

  /// The labels with these probabilities, label 0 first, in that order.
  package static func candidates(_ probabilities: [Float]) -> [Candidate] {
    probabilities.enumerated().map { Candidate(label: $0.offset, probability: $0.element) }
      .sorted { ($0.probability, $1.label) > ($1.probability, $0.label) }
  }

  /// The probabilities of all labels for each image, in the images' order; several are quicker than one after the other.
  ///
  /// - Parameter images: each of the input's bytes.
  public func probabilities(of images: [[UInt8]]) -> [[Float]] {
    var probabilities: [[Float]] = []
    probabilities.reserveCapacity(images.count)
    var rest = images[...]
    while !rest.isEmpty {
      // The largest block of which three quarters are used.
      let network = networks.first { 4 * rest.count >= 3 * $0.samples } ?? networks[networks.count - 1]
      let block = rest.prefix(network.samples)
      compute(block, network)
      probabilities += (0..<block.count).map { network.probabilities(sample: $0) }
      rest = rest.dropFirst(block.count)
    }
    return probabilities
  }

  private func compute(_ images: ArraySlice<[UInt8]>, _ network: Network) {
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
  }
}
