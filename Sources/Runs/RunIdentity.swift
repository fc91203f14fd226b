import Datasets
import FoundationEssentials
import Kernels
import ModelFiles
import NeuralNet
import Platform
import Training

/// What makes a run that run: everything that its bits depend on.
///
/// Two runs of one identity have the same bits at every step, so that one may continue where the other was stopped. How long a
/// run lasts is not among it, unless the bits depend on it: `differences` compares epochs only where they enter the learning
/// rates, and patience never.
public struct RunIdentity: Codable, Equatable, Sendable {
  /// A value of which two runs have different ones.
  public struct Difference: Equatable, Sendable {
    /// The value's name: a field of the configuration, or what else the run depends on.
    public let name: String
    /// The values; nil where it was not given.
    public let ofRun: String?, here: String?
    /// Whether it is of the data.
    public let isData: Bool
  }

  /// The arithmetic: another revision of it gives other bits.
  public let numericsRevision: Int
  /// The hyperparameters by the configuration's field names, and what else was chosen.
  public let choices: [String: String]
  /// The data; empty while they are not known.
  public private(set) var data: [String: String] = [:]

  /// The identity of a run whose data are not known yet.
  ///
  /// - Parameters:
  ///   - initialParameters: the weights that a user chose to begin with; nil for those that the seed draws.
  ///   - workers: their number; part of the identity only where the result depends on it.
  ///   - images: how pictures become images, and the names of the classes.
  public init(
    _ configuration: TrainingConfiguration, initialParameters: [Float]?, workers: Int,
    images: ModelImages = ModelImages()
  ) throws {
    var choices = try configuration.fields.merging(images.identity) { $1 }
    choices["microBatchSize"] = "\(MicroBatch.size)"
    choices["initialWeights"] = initialParameters.map {
      "weights of SHA-256 \(Self.digest($0.prefix(configuration.architecture.layout.count)))"
    }
    if configuration.shuffle == .shard || configuration.allReduce == .mpi { choices[Self.workers] = "\(workers)" }
    self.choices = choices
    numericsRevision = Numerics.revision
  }

  /// The same run with its data, once these are known.
  ///
  /// - Parameter validation: nil where rows of the training data are held out.
  public func with(training: DataDescription, validation: DataDescription?) -> RunIdentity {
    var identity = self
    identity.data = ["training data": training.content, "validation data": validation?.content ?? "rows held out"]
    return identity
  }

  /// The identity of the run that a checkpoint is of.
  init(of checkpoint: Checkpoint) throws(CheckpointError) {
    self = try JSONText.decode(checkpoint.identity, "the identity's JSON")
  }

  static let epochs = "epochs"
  private static let patience = "patience"
  private static let workers = "workers"

  /// The choices that only say when the run ends.
  private var lengths: Set<String> {
    let isInEveryRate = choices["schedule"] == TrainingConfiguration.Schedule.cosine.rawValue
    return isInEveryRate ? [Self.patience] : [Self.patience, Self.epochs]
  }

  /// How pictures became its images, as far as a checkpoint tells.
  var images: ModelImages {
    var images = ModelImages()
    images.fit = choices["fit"].flatMap { ImageFitting.Fit(rawValue: $0) }
    images.invert = choices["invert"] == "true"
    images.classNames = choices["classNames"]?.split(separator: ", ").map(String.init)
    return images
  }

  /// Whether its images are standardized to mean 0 and standard deviation 1.
  var isStandardized: Bool { choices["standardize"] == "true" }

  /// Whether it learns the synthetic data set's rows: of a file, the content is known by its digest.
  var isSynthetic: Bool? { data["training data"].map { !$0.hasPrefix("SHA-256 ") } }

  /// What distinguishes this run from another one, which is the command's here; the data only where both are known.
  public func differences(from here: RunIdentity) -> [Difference] {
    var all: [Difference] = []
    func compare(_ ofRun: [String: String], _ here: [String: String], isData: Bool) {
      for name in Set(ofRun.keys).union(here.keys).sorted() where ofRun[name] != here[name] {
        all.append(Difference(name: name, ofRun: ofRun[name], here: here[name], isData: isData))
      }
    }
    compare(
      ["numericsRevision": "\(numericsRevision)"], ["numericsRevision": "\(here.numericsRevision)"], isData: false)
    var ignored = lengths.intersection(here.lengths)
    // Where only one of them depends on the workers, the choice that makes it so differs, and is named.
    if choices[Self.workers] == nil || here.choices[Self.workers] == nil { ignored.insert(Self.workers) }
    func relevant(_ choices: [String: String]) -> [String: String] { choices.filter { !ignored.contains($0.key) } }
    compare(relevant(choices), relevant(here.choices), isData: false)
    if !data.isEmpty, !here.data.isEmpty { compare(data, here.data, isData: true) }
    return all
  }

  private static func digest(_ parameters: ArraySlice<Float>) -> String {
    let bytes = parameters.flatMap { number in
      withUnsafeBytes(of: number.bitPattern.littleEndian) { Array($0) }
    }
    return SHA256Digest(of: bytes).description
  }
}
