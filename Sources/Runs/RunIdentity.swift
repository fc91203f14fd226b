import Checkpoints
import FoundationEssentials
import NeuralNet
import Platform

/// What makes a run that run: everything that its bits depend on, by the names that users know.
///
/// Two runs of one identity have the same bits at every step, so that one may go on where the other was stopped. How long a
/// run goes on is not among it, unless the bits depend on it: `differences` compares epochs only where they enter the
/// learning rates, and patience never.
public struct RunIdentity: Codable, Equatable, Sendable {
  /// A value of which two runs have different ones.
  public struct Difference: Equatable, Sendable {
    /// What it is: an option, or what else the run depends on.
    public let name: String
    /// The values; nil where it was not given.
    public let ofRun: String?, here: String?
    /// Whether it is of the data.
    public let isData: Bool
  }

  /// The version of the program: another one may add up in another order.
  public let programVersion: String
  /// The hyperparameters and what else was chosen.
  public let choices: [String: String]
  /// The data.
  public let data: [String: String]

  /// The identity of a run.
  ///
  /// - Parameters:
  ///   - initialParameters: the weights that a user chose to begin with; nil for those that the seed draws.
  ///   - workers: their number; part of the identity only where the result depends on it.
  public init(
    _ configuration: TrainingConfiguration, training: DataDescription, validation: DataDescription?,
    initialParameters: [Float]?, workers: Int, programVersion: String
  ) throws {
    var choices = try Self.options(configuration)
    choices["chunk size"] = "\(DropoutMasks.samples)"
    choices["--initial-weights"] = initialParameters.map { "weights of SHA-256 \(Self.digest($0))" }
    if configuration.shuffle == .shard || configuration.allReduce == .mpi { choices["workers"] = "\(workers)" }
    self.choices = choices
    self.programVersion = programVersion
    data = ["training data": training.content, "validation data": validation?.content ?? "rows held out"]
  }

  /// The identity of the run that a checkpoint is of.
  init(of checkpoint: Checkpoint) throws(CheckpointError) {
    self = try JSONText.decode(checkpoint.identity, "the identity's JSON")
  }

  /// The choice of the number of epochs.
  static let epochsName = "--epochs"

  /// The choices that only say when the run ends.
  private var lengths: Set<String> {
    let isInEveryRate = choices["--schedule"] == TrainingConfiguration.Schedule.cosine.rawValue
    return isInEveryRate ? ["--patience"] : ["--patience", Self.epochsName]
  }

  /// Whether its images are brought to mean 0 and deviation 1.
  var isStandardized: Bool { choices["--standardize"] == "true" }

  /// Whether it learns the built-in set's rows: of a file, the content is told by its digest.
  var isOfBuiltInSet: Bool? { data["training data"].map { !$0.hasPrefix("SHA-256 ") } }

  /// What distinguishes this run from another one, which is the command's here.
  public func differences(from here: RunIdentity) -> [Difference] {
    var all: [Difference] = []
    func compare(_ ofRun: [String: String], _ here: [String: String], isData: Bool) {
      for name in Set(ofRun.keys).union(here.keys).sorted() where ofRun[name] != here[name] {
        all.append(Difference(name: name, ofRun: ofRun[name], here: here[name], isData: isData))
      }
    }
    compare(["program version": programVersion], ["program version": here.programVersion], isData: false)
    let ignored = lengths.intersection(here.lengths)
    func relevant(_ choices: [String: String]) -> [String: String] { choices.filter { !ignored.contains($0.key) } }
    compare(relevant(choices), relevant(here.choices), isData: false)
    compare(data, here.data, isData: true)
    return all
  }

  /// Every field of the configuration, as the option that sets it.
  static func options(_ configuration: TrainingConfiguration) throws -> [String: String] {
    let fields: [String: OptionValue] = try JSONText.decode(try JSONText.encode(configuration), "the configuration")
    var options: [String: String] = [:]
    for (field, value) in fields { value.collect(as: "--" + kebab(field), into: &options) }
    return options
  }

  /// `batchSize` as `batch-size`.
  fileprivate static func kebab(_ name: String) -> String {
    name.map { $0.isUppercase ? "-" + $0.lowercased() : String($0) }.joined()
  }

  private static func digest(_ parameters: [Float]) -> String {
    let bytes = parameters.prefix(NetworkDefinition.layout.count).flatMap { number in
      withUnsafeBytes(of: number.bitPattern.littleEndian) { Array($0) }
    }
    return SHA256Digest(of: bytes).description
  }
}

/// A field's value in JSON, as text: numbers keep their kind.
private enum OptionValue: Decodable {
  case text(String)
  case group([String: OptionValue])
  case list([OptionValue])

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if let flag = try? value.decode(Bool.self) {
      self = .text("\(flag)")
    } else if let number = try? value.decode(UInt64.self) {
      self = .text("\(number)")
    } else if let number = try? value.decode(Double.self) {
      self = .text("\(number)")
    } else if let text = try? value.decode(String.self) {
      self = .text(text)
    } else if let list = try? value.decode([OptionValue].self) {
      self = .list(list)
    } else {
      self = .group(try value.decode([String: OptionValue].self))
    }
  }

  func collect(as name: String, into options: inout [String: String]) {
    switch self {
    case .text(let text): options[name] = text
    case .group(let fields):
      for (field, value) in fields { value.collect(as: "\(name)-\(RunIdentity.kebab(field))", into: &options) }
    case .list(let values): for (i, value) in values.enumerated() { value.collect(as: "\(name) \(i)", into: &options) }
    }
  }
}

extension DataDescription {
  /// What the rows are, wherever the file lies.
  fileprivate var content: String { sha256.map { "SHA-256 \($0)" } ?? source }
}
