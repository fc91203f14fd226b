import Communication
import Datasets
import Glibc
import NeuralNet
import Training

/// Whole epochs of training as `fingerspell train` runs them, with validation.
public struct EpochBenchmark: Sendable {
  /// The network; nil for the default one.
  public var network: Architecture?
  /// The samples of a global batch.
  public var batchSize = 32
  /// The epochs that are measured, after one that warms up.
  public var repetitions = 5

  /// The usual measurement.
  public init() {}

  /// What was measured.
  public struct Report: Encodable, Sendable {
    /// The samples of a batch, and the rows of an epoch and of its validation.
    public let batchSize: Int, trainingRows: Int, validationRows: Int
    /// The cores' peak.
    public let peak: Peak
    /// Seconds of an epoch's steps, and of its validation with what follows until the next epoch.
    public let training: Timing, validation: Timing
    /// The operations of an epoch by the network's definition, over the median of its seconds, and their fraction of the peak.
    public let flops: Double, flopUtilization: Double
    /// The mean training loss of the last epoch: that the network learns meanwhile.
    public let loss: Double
    /// The most memory that a process of the run has held, in bytes.
    public let residentBytes: Int
  }

  /// Measures. Collective; every worker gets the report.
  public func run(_ sources: DataSources, _ communicator: any Communicator) throws -> Report {
    let peak = try Peak.measure(communicator, try Rendezvous(communicator))
    var configuration = TrainingConfiguration()
    configuration.network = network
    configuration.batchSize = batchSize
    configuration.epochs = repetitions + 1
    configuration.patience = configuration.epochs
    let weights = communicator.rank == 0 ? configuration.architecture.initialParameters(seed: configuration.seed) : []
    let trainer = try Trainer(configuration, sources: sources, communicator)
    try trainer.begin(with: weights)
    let summary = trainer.summary
    var (training, validation, loss) = ([Double](), [Double](), 0.0)
    _ = try trainer.run { event in
      guard case .epochEnded(let record) = event, record.epoch > 1 else { return }
      training.append(record.trainSeconds)
      loss = record.training.loss
      validation.append(record.epochSeconds - record.trainSeconds)
    }
    let seconds = Timing(try communicator.broadcast(fromRoot: training, root: 0))
    let work = Double(summary.trainingRows * 2 * configuration.architecture.multiplyAccumulatesPerSample)
    return Report(
      batchSize: batchSize, trainingRows: summary.trainingRows, validationRows: summary.validationRows, peak: peak,
      training: seconds, validation: Timing(try communicator.broadcast(fromRoot: validation, root: 0)),
      flops: work / seconds.median, flopUtilization: work / seconds.median / peak.flops(workers: communicator.size),
      loss: try communicator.broadcast(fromRoot: [loss], root: 0)[0],
      residentBytes: try communicator.allReduce(Self.residentBytes, .maximum))
  }

  /// The most memory that this process has held.
  private static var residentBytes: Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
  }
}
