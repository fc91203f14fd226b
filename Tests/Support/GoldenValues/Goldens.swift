/// What the engine is checked against: inputs made by formula, and what Keras makes of them in double precision.
///
/// The inputs (`weights`, `batch`, `masks`) are computed here, bit for bit as Tests/Goldens/formula.py does; the expected
/// values (`expected`, `expectedAdam`, `expectedRealDataLosses`) are read from the files in Tests/Goldens, which
/// make_goldens.py and train_reference.py wrote with Keras.
public enum Goldens {
  /// A parameter tensor: Keras' name, its shape, and the scale of the formula's weights.
  public struct Tensor: Sendable {
    /// Keras' name, e.g. `lstm/recurrent_kernel`.
    public let name: String
    /// The shape in Keras' order, the last index running fastest.
    public let shape: [Int]
    /// The formula's weights lie in [-scale, scale).
    let scale: Float
    /// The number of parameters in the tensor.
    public var count: Int { shape.reduce(1, *) }
  }

  /// The 12 tensors of the network in Keras' order; 77,273 parameters.
  public static let layout = [
    Tensor(name: "conv1d/kernel", shape: [3, 28, 64], scale: 1 / 8),
    Tensor(name: "conv1d/bias", shape: [64], scale: 1 / 16),
    Tensor(name: "lstm/kernel", shape: [64, 256], scale: 1 / 8),
    Tensor(name: "lstm/recurrent_kernel", shape: [64, 256], scale: 1 / 8),
    Tensor(name: "lstm/bias", shape: [256], scale: 1 / 16),
    Tensor(name: "lstm_1/kernel", shape: [64, 256], scale: 1 / 8),
    Tensor(name: "lstm_1/recurrent_kernel", shape: [64, 256], scale: 1 / 8),
    Tensor(name: "lstm_1/bias", shape: [256], scale: 1 / 16),
    Tensor(name: "dense/kernel", shape: [64, 64], scale: 1 / 4),
    Tensor(name: "dense/bias", shape: [64], scale: 1 / 8),
    Tensor(name: "dense_1/kernel", shape: [64, 25], scale: 1 / 2),
    Tensor(name: "dense_1/bias", shape: [25], scale: 1 / 16),
  ]

  /// The samples that `expected` is about: 0 ..< 11, one micro-batch of 8 and a rest.
  public static let sampleCount = 11

  /// The sizes of the 10 batches that `expectedAdam` steps over; they are consecutive samples from 0 on.
  public static let adamBatchSizes = [20, 20, 20, 20, 20, 20, 20, 20, 20, 7]

  /// The formula's weights by name, each flat with the last index running fastest.
  ///
  /// Set by hand are filter 0 (its outputs tie in every pooling window, from different inputs), filter 1 and unit 1 of
  /// `dense` (their relu sits at exactly zero).
  public static func weights() -> [String: [Float]] {
    var weights: [String: [Float]] = [:]
    for (i, tensor) in layout.enumerated() {
      let stream = Formula.Stream.firstWeights + UInt32(i)
      weights[tensor.name] = (0..<tensor.count).map { Formula.weight(stream, $0, scale: tensor.scale) }
    }
    for bias in ["lstm/bias", "lstm_1/bias"] {
      for forget in 64..<128 { weights[bias]![forget] += 1 }
    }
    for row in 0..<3 * 28 {
      weights["conv1d/kernel"]![row * 64] = 0
      weights["conv1d/kernel"]![row * 64 + 1] = 0
    }
    weights["conv1d/kernel"]![28 * 64] = 1 / 8
    weights["conv1d/bias"]![1] = 0
    for row in 0..<64 { weights["dense/kernel"]![row * 64 + 1] = 0 }
    weights["dense/bias"]![1] = 0
    return weights
  }

  /// Images and their labels.
  public struct Batch: Sendable {
    /// [count, 28, 28], 0 ... 255; the network's input is pixel / 255.
    public let pixels: [UInt8]
    /// [count], 0 ... 24.
    public let labels: [UInt8]
    /// The number of samples.
    public var count: Int { labels.count }
  }

  /// The samples first ..< first + count. In column 0 an odd row repeats the row above.
  public static func batch(first: Int = 0, count: Int = sampleCount) -> Batch {
    var pixels = (784 * first..<784 * (first + count)).map { UInt8(Formula.hash(Formula.Stream.pixels, $0) >> 24) }
    for row in stride(from: 0, to: 28 * count, by: 2) { pixels[(row + 1) * 28] = pixels[row * 28] }
    let labels = (first..<first + count).map { UInt8(((Formula.hash(Formula.Stream.labels, $0) >> 16) * 25) >> 16) }
    return Batch(pixels: pixels, labels: labels)
  }

  /// The dropout masks of some samples: 0, or 1 / (1 - rate) where kept. LSTM masks hold for all time steps of a sample.
  public struct Masks: Sendable {
    /// [count, 14, 64], rate 0.3: after the pooling.
    public let pooling: [Float]
    /// [count, 4, 64], rate 0.3: on the first LSTM's input, one per gate (i, f, c, o).
    public let lstmInput: [Float]
    /// [count, 4, 64], rate 0.2: on the first LSTM's state, one per gate (i, f, c, o).
    public let lstmRecurrent: [Float]
    /// [count, 64], rate 0.3: on the second LSTM's input.
    public let lstm1Input: [Float]
    /// [count, 64], rate 0.3: after the dense layer.
    public let dense: [Float]
  }

  /// The masks of the samples first ..< first + count.
  public static func masks(first: Int = 0, count: Int = sampleCount) -> Masks {
    func mask(_ stream: UInt32, _ size: Int, rate: Double) -> [Float] {
      Formula.mask(stream, from: size * first, count: size * count, rate: rate)
    }
    return Masks(
      pooling: mask(Formula.Stream.poolingMask, 14 * 64, rate: 0.3),
      lstmInput: mask(Formula.Stream.lstmInputMask, 4 * 64, rate: 0.3),
      lstmRecurrent: mask(Formula.Stream.lstmRecurrentMask, 4 * 64, rate: 0.2),
      lstm1Input: mask(Formula.Stream.lstm1InputMask, 64, rate: 0.3),
      dense: mask(Formula.Stream.denseMask, 64, rate: 0.3))
  }
}
