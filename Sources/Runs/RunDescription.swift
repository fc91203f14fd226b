import FoundationEssentials
import Platform
import Training

/// What run.json says about a run: everything needed to repeat it, and where it ran.
public struct RunDescription: Codable, Sendable {
  /// The program's version.
  public var programVersion: String
  /// The arithmetic that made the bits: `Numerics.revision`.
  public var numericsRevision = Numerics.revision
  /// The command as it was given.
  public var command: [String]
  /// When the run began, in UTC, as ISO 8601.
  public var started: String
  /// The recipe, by its name: the hyperparameters are its own but for those that were given.
  public var recipe: String
  /// The hyperparameters and the seed.
  public var configuration: TrainingConfiguration {
    get { applied.configuration }
    set { applied.configuration = newValue }
  }
  private var applied: AppliedConfiguration
  /// The options as they were given that the hyperparameters do not have; nil in files of an earlier version.
  public var options: RunOptions?
  /// The weights that training began with: a path, or nil for those drawn by the seed.
  public var initialWeights: String?
  /// How pictures became images, and what the classes are called.
  public var images: ModelImages?
  /// The data. Their checksums are nil until they are loaded.
  public internal(set) var trainingData: DataDescription
  /// The data of validation; nil where rows of the training data are held out.
  public internal(set) var validationData: DataDescription?
  /// Where it ran.
  public var machine: MachineDescription
  /// When the run was resumed, if it was.
  public var resumes: [ResumeDescription]?
  /// The outcome; nil until the run ends.
  public var outcome: OutcomeDescription?

  private enum CodingKeys: String, CodingKey {
    case programVersion, numericsRevision, command, started, recipe
    case applied = "configuration"
    case options, initialWeights, images, trainingData, validationData, machine, resumes, outcome
  }

  /// A run that is about to begin.
  public init(
    programVersion: String, command: [String], started: String, recipe: Recipe, configuration: TrainingConfiguration,
    options: RunOptions? = nil, images: ModelImages? = nil, initialWeights: String?, trainingData: DataDescription,
    validationData: DataDescription?, machine: MachineDescription
  ) {
    self.programVersion = programVersion
    self.command = command
    self.started = started
    self.recipe = recipe.rawValue
    applied = AppliedConfiguration(configuration)
    self.options = options
    self.images = images
    self.initialWeights = initialWeights
    self.trainingData = trainingData
    self.validationData = validationData
    self.machine = machine
  }
}

// The text of run.json: keys in snake case.
extension RunDescription {
  /// Reads the text of run.json.
  package init(encoded bytes: [UInt8]) throws {
    self = try ExactJSON.decoder(keys: .convertFromSnakeCase).decode(RunDescription.self, from: Data(bytes))
  }

  /// The text of run.json.
  package func encoded() throws -> [UInt8] {
    Array(try ExactJSON.encoder(.readable, keys: .convertToSnakeCase).encode(self)) + [UInt8(ascii: "\n")]
  }
}

/// What else a command needs to repeat a run: where the rows and the names of the classes come from.
public struct RunOptions: Codable, Sendable, Equatable {
  /// The folder or file of the data, or the files of either part; all nil for the synthetic data set.
  public var data: String?, trainCsv: String?, testCsv: String?
  /// The file with the names of the classes.
  public var classNames: String?

  /// No options.
  public init() {}
}

/// One source of data.
public struct DataDescription: Codable, Sendable, Equatable {
  /// The path, or the synthetic data set's name.
  public var source: String
  /// SHA-256 of the file; nil for the synthetic data set.
  public var sha256: String?

  /// A source.
  public init(source: String, sha256: String?) {
    self.source = source
    self.sha256 = sha256
  }

  /// What the rows are, wherever the file lies.
  package var content: String { sha256.map { "SHA-256 \($0)" } ?? source }
}

/// The layout of the workers, and the machine.
public struct MachineDescription: Codable, Sendable, Equatable {
  /// The number of workers.
  public var workers: Int
  /// What a worker is: `threads` or `ranks`.
  public var kind: String
  /// The workers of each node.
  public var workersPerNode: [Int]
  /// The names of the nodes.
  public var hosts: [String]
  /// The CPU of rank 0.
  public var cpu: String
  /// The vector lanes of the build.
  public var lanes: Int
  /// The MPI library's version; nil for threads.
  public var mpi: String?

  /// A layout.
  public init(
    workers: Int, kind: String, workersPerNode: [Int], hosts: [String], cpu: String, lanes: Int, mpi: String?
  ) {
    self.workers = workers
    self.kind = kind
    self.workersPerNode = workersPerNode
    self.hosts = hosts
    self.cpu = cpu
    self.lanes = lanes
    self.mpi = mpi
  }
}

/// One resumption of a run.
public struct ResumeDescription: Codable, Sendable, Equatable {
  /// When, in UTC, as ISO 8601.
  public var time: String
  /// The steps taken before, and the epoch that continues or begins.
  public var step: Int, epoch: Int
  /// Where it ran from there.
  public var machine: MachineDescription
  /// The command that resumed it; nil in files of an earlier version.
  public var command: [String]?
}

/// How a run ended.
public struct OutcomeDescription: Codable, Sendable, Equatable {
  /// The epochs that were trained.
  public var epochs: Int
  /// The epoch whose weights model.safetensors holds; 0 if no epoch was complete, and it holds the latest ones.
  public var bestEpoch: Int
  /// Validation loss and accuracy of that epoch; nil if no epoch was complete.
  public var validationLoss: Double?, validationAccuracy: Double?
  /// Seconds from the beginning, or from the last resumption, to the end.
  public var seconds: Double
  /// Whether the time of the run was over before it would have ended; nil for no.
  public var isOvertime: Bool?
}
