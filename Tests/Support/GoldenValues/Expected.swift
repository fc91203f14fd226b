import FoundationEssentials

extension Goldens {
  /// The two cases that Keras evaluated on samples 0 ..< 11 with the formula's weights.
  public enum Case: String, CaseIterable, Sendable {
    /// Without dropout.
    case plain
    /// With the formula's masks.
    case dropout
  }

  /// What Keras computed in double precision.
  public struct Evaluation: Sendable {
    /// [11, 25].
    public let probabilities: [Double]
    /// [11]: the cross-entropy of each sample.
    public let losses: [Double]
    /// The gradient of the SUM of the losses, by tensor name.
    public let gradients: [String: [Double]]
  }

  /// What Keras made of the samples 0 ..< 11.
  public static func expected(_ golden: Case) throws -> Evaluation {
    let file = try TensorFile(folder.appending(path: "\(golden.rawValue).safetensors"))
    return Evaluation(
      probabilities: try file["probabilities"], losses: try file["losses"],
      gradients: try file.tensors(under: "gradient"))
  }

  /// Ten steps of Adam without dropout, over batches of `adamBatchSizes`.
  public struct AdamRun: Sendable {
    /// [10]: the mean loss of each batch, before its step; in double precision.
    public let losses: [Double]
    /// The parameters after the steps, by tensor name; rounded to single precision.
    public let parameters: [String: [Double]]
    /// Keras' `momentum` (the first moment) after the steps; rounded to single precision.
    public let momentum: [String: [Double]]
    /// Keras' `velocity` (the second moment) after the steps; rounded to single precision.
    public let velocity: [String: [Double]]
  }

  /// What Keras' Adam, with its default options on the gradient of the MEAN loss, made of the formula's weights.
  public static func expectedAdam() throws -> AdamRun {
    let file = try TensorFile(folder.appending(path: "adam.safetensors"))
    return AdamRun(
      losses: try file["losses"], parameters: try file.tensors(under: "parameter"),
      momentum: try file.tensors(under: "momentum"), velocity: try file.tensors(under: "velocity"))
  }

  /// Ten steps of AdamW with clipping by the global norm and smoothed labels, over batches of `adamBatchSizes`.
  public struct RegularizedRun: Decodable, Sendable {
    /// What Keras' AdamW and CategoricalCrossentropy were given.
    public let weightDecay: Double, globalClipnorm: Double, labelSmoothing: Double
    /// [10]: the mean loss of each batch, before its step, against the smoothed labels.
    public let losses: [Double]
  }

  /// What Keras' AdamW, otherwise with its default options, made of the formula's weights.
  public static func expectedRegularized() throws -> RegularizedRun {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(
      RegularizedRun.self, from: Data(contentsOf: folder.appending(path: "regularized.json")))
  }

  /// Ten steps of Adam with class weights.
  public struct WeightedRun: Decodable, Sendable {
    /// The factor of each class.
    public let classWeights: [Double]
    /// The sum of the weighted losses of each batch over the number of its samples, before its step.
    public let losses: [Double]
  }

  /// What make_goldens.py computed with Keras' `class_weight`, over the batches of `adamBatchSizes`.
  public static func expectedWeighted() throws -> WeightedRun {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(WeightedRun.self, from: Data(contentsOf: folder.appending(path: "weighted.json")))
  }

  /// Training on the real data in double precision, without dropout and shuffling, from the formula's weights.
  public struct RealDataLosses: Decodable, Sendable {
    /// The rows of a batch; batches are consecutive rows from the first.
    public let batchSize: Int
    /// The numbers after some steps, in ascending order of the steps.
    public let steps: [Report]
    /// The SHA-256 of the CSVs in lower-case hexadecimal, under `train` and `test`.
    public let sha256: [String: String]

    /// The running means over the samples of all steps so far, and the validation on the whole test file after them.
    public struct Report: Decodable, Sendable {
      /// The number of steps so far.
      public let steps: Int
      /// The mean training loss of the samples so far, each before its batch's step.
      public let loss: Double
      /// The training accuracy of the samples so far.
      public let accuracy: Double
      /// The mean loss on the test file.
      public let validationLoss: Double
      /// The accuracy on the test file.
      public let validationAccuracy: Double

      enum CodingKeys: String, CodingKey {
        case steps, loss, accuracy
        case validationLoss = "val_loss"
        case validationAccuracy = "val_accuracy"
      }
    }

    enum CodingKeys: String, CodingKey {
      case steps, sha256
      case batchSize = "batch_size"
    }
  }

  /// What train_reference.py measured with Keras on the real data.
  public static func expectedRealDataLosses() throws -> RealDataLosses {
    let data = try Data(contentsOf: folder.appending(path: "real-data-losses.json"))
    return try JSONDecoder().decode(RealDataLosses.self, from: data)
  }

  /// The checksums that make_goldens.py took of the formula's numbers: 64-bit FNV-1a in hexadecimal, by name.
  public static func expectedChecksums() throws -> [String: String] {
    try JSONDecoder().decode([String: String].self, from: Data(contentsOf: folder.appending(path: "formula.json")))
  }

  /// Tests/Goldens, from this file's own place.
  static let folder = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().appending(path: "Goldens")
}
