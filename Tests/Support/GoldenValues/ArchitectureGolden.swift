import FoundationEssentials

/// An architecture of Tests/Goldens/architectures.py: what its inputs are, by formula, and what Keras makes of them.
///
/// `all()` lists them; make_architecture_goldens.py writes the files, and says what is in them.
public struct ArchitectureGolden: Sendable, Decodable, CustomStringConvertible {
  /// The name of its files, e.g. `conv1d-same`.
  public let name: String
  /// The input's shape without the batch, e.g. [28, 28, 1].
  public let inputShape: [Int]
  /// The number of classes: the width of the model's output.
  public let classes: Int
  /// The model's input is pixel / divisor: 255, or 1 where the model rescales its pixels itself.
  public let divisor: Float
  /// The trainable tensors in Keras' order.
  public let tensors: [Tensor]
  /// The layers without the input, as `model.summary()` prints them.
  public let layers: [KerasLayer]
  /// The formula's seed.
  let seed: Int
  /// The 64-bit FNV-1a hash of the weights' bytes, the pixels and the labels of samples 0 ..< 11, as Python made them.
  package let checksum: String

  enum CodingKeys: String, CodingKey {
    case name, classes, divisor, tensors, layers, seed, checksum
    case inputShape = "input_shape"
  }

  /// A trainable tensor.
  public struct Tensor: Sendable, Decodable {
    /// `<layer>/<weight>` with Keras' names; of a wrapped layer `<layer>/forward/<weight>` or `<layer>/backward/<weight>`.
    public let name: String
    /// Keras' shape, the last index running fastest.
    public let shape: [Int]
    /// The formula's weights lie in [offset - scale, offset + scale).
    let scale: Float, offset: Float
    /// The number of parameters in the tensor.
    public var count: Int { shape.reduce(1, *) }
  }

  /// All architectures of the table, in its order.
  public static func all() throws -> [ArchitectureGolden] {
    try JSONDecoder().decode(Index.self, from: Data(contentsOf: folder.appending(path: "index.json"))).architectures
  }

  private struct Index: Decodable {
    let architectures: [ArchitectureGolden]
  }

  /// Tests/Goldens/architectures.
  package static let folder = Goldens.folder.appending(path: "architectures")

  /// Where the model's `to_json()` text is.
  public var modelPath: String { Self.folder.appending(path: "\(name).json").path }

  /// The model's `to_json()` text.
  public func modelJSON() throws -> Data { try Data(contentsOf: URL(filePath: modelPath)) }

  /// The name.
  public var description: String { name }

  /// The parameters of all tensors.
  public var parameterCount: Int { tensors.map(\.count).reduce(0, +) }

  /// The elements of one sample's input.
  public var inputCount: Int { inputShape.reduce(1, *) }
}

extension ArchitectureGolden {
  /// Samples of an architecture.
  public struct Batch: Sendable {
    /// [count, input shape], 0 ... 255.
    public let pixels: [UInt8]
    /// [count], 0 ..< classes.
    public let labels: [Int]
    /// [count, input shape]: pixel / divisor, rounded once.
    public let inputs: [Float]
    /// The number of samples.
    public var count: Int { labels.count }
  }

  /// The formula's weights by tensor name, each flat with the last index running fastest.
  public func weights() -> [String: [Float]] {
    var weights: [String: [Float]] = [:]
    for (i, tensor) in tensors.enumerated() {
      let stream = Formula.stream(seed: seed, Formula.Stream.firstWeights + UInt32(i))
      weights[tensor.name] = (0..<tensor.count).map {
        tensor.offset + Formula.weight(stream, $0, scale: tensor.scale)
      }
    }
    return weights
  }

  /// The samples first ..< first + count.
  public func batch(first: Int = 0, count: Int = Goldens.sampleCount) -> Batch {
    let pixelStream = Formula.stream(seed: seed, Formula.Stream.pixels)
    let labelStream = Formula.stream(seed: seed, Formula.Stream.labels)
    let pixels = (inputCount * first..<inputCount * (first + count)).map { UInt8(Formula.hash(pixelStream, $0) >> 24) }
    let labels = (first..<first + count).map { (Int(Formula.hash(labelStream, $0) >> 16) * classes) >> 16 }
    return Batch(pixels: pixels, labels: labels, inputs: pixels.map { Float($0) / divisor })
  }

  /// The indices at which a tensor of `size` elements was sampled; some may occur twice.
  func sampledIndices(size: Int, count: Int) -> [Int] {
    let stream = Formula.stream(seed: seed, Formula.Stream.sampledIndices)
    return (0..<count).map { Int((UInt64(Formula.hash(stream, $0)) * UInt64(size)) >> 32) }
  }

  /// The product of a tensor's values with the formula's direction `number`.
  package func projection(of values: [Double], on number: Int) -> Double {
    let stream = Formula.stream(seed: seed, Formula.Stream.firstDirection + UInt32(number))
    return values.indices.reduce(0) { $0 + values[$1] * Double(Formula.weight(stream, $1, scale: 1)) }
  }
}
