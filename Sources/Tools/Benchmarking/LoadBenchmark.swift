import Communication
import Datasets
import Glibc
import NeuralNet
import Training

/// Reading CSV files: how fast the workers parse their parts, and how long it takes from the program's start to the first
/// step done. The files are in the system's cache.
public struct LoadBenchmark: Sendable {
  /// How often the training file is parsed.
  public var repetitions = 10

  /// The usual measurement.
  public init() {}

  /// What was measured.
  public struct Report: Encodable, Sendable {
    /// The workers, and the training file's bytes and rows.
    public let workers: Int, bytes: Int, rows: Int
    /// Seconds of parsing, all workers at once, the slowest.
    public let parsing: Timing
    /// Bytes a second of all workers and of one of them, by the median.
    public let bytesPerSecond: Double, bytesPerSecondPerWorker: Double
    /// Seconds of loading the training file: parsing its parts, and all rows readable for every worker.
    public let loading: Timing
    /// Seconds from the process's start to the workers' (to 0.01 s: the system counts no finer), and from there to the first
    /// step done: both files loaded, weights drawn, everything laid out.
    public let startToWorkers: Double, workersToFirstStep: Double
  }

  /// Measures. Collective; every worker gets the report.
  ///
  /// - Parameter processAge: the process's age in seconds when its workers began.
  public func run(
    _ files: DataFiles, processAge: Double, _ communicator: any Communicator
  ) throws -> Report {
    let rendezvous = try Rendezvous(communicator)
    // The way of `fingerspell train`, before anything else: memory is as fresh as it is there.
    let firstStep = try secondsToFirstStep(files, communicator)
    let file = try communicator.agree { try CSVFile(path: files.train) }
    let workerIndex = communicator.workerIndex
    var (parsing, loading) = ([Double](), [Double]())
    var rows = 0
    for _ in 0..<repetitions {
      parsing.append(
        try rendezvous.seconds { rows = try file.part(workerIndex, of: communicator.size).count })
      loading.append(
        try rendezvous.seconds { _ = try RowTable.load(.csv(path: files.train), communicator, shared: true) })
    }
    let timing = Timing(parsing)
    let rate = Double(file.size) / timing.median
    return Report(
      workers: communicator.size, bytes: file.size, rows: try communicator.allReduce(rows, .sum), parsing: timing,
      bytesPerSecond: rate, bytesPerSecondPerWorker: rate / Double(communicator.size), loading: Timing(loading),
      startToWorkers: try communicator.allReduce(processAge, .maximum), workersToFirstStep: firstStep)
  }

  /// Seconds until rank 0 sees the first step done.
  private func secondsToFirstStep(_ files: DataFiles, _ communicator: any Communicator) throws -> Double {
    var configuration = TrainingConfiguration()
    configuration.epochs = 1
    configuration.stepsPerEpoch = 1
    let start = Stopwatch.now
    var seconds = 0.0
    let weights = communicator.rank == 0 ? configuration.architecture.initialParameters(seed: configuration.seed) : []
    let sources = DataSources(train: .csv(path: files.train), test: .csv(path: files.test))
    let trainer = try Trainer(configuration, sources: sources, communicator)
    try trainer.begin(with: weights)
    _ = try trainer.run { event in
      if case .stepped = event { seconds = Stopwatch.now - start }
    }
    return try communicator.broadcast(fromRoot: [seconds], root: 0)[0]
  }
}
