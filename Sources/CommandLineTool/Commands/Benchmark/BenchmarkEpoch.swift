import ArgumentParser
import Benchmarking
import Communication
import Datasets
import Platform

/// `fingerspell benchmark epoch`.
struct BenchmarkEpoch: WorkersCommand {
  static let configuration = CommandConfiguration(
    commandName: "epoch",
    abstract: "Whole epochs of training, with validation.",
    discussion: """
      Runs epochs as `fingerspell train` does, on the data or on the synthetic data set in the real one's size. The first epoch \
      warms up.

      EXAMPLES
        fingerspell benchmark epoch --data data
        mpirun -n 2 fingerspell benchmark epoch --batch-size 256
      """)

  @OptionGroup var data: BenchmarkDataOptions

  @Option(parsing: .unconditional, help: ArgumentHelp("Samples per step, over all workers.", valueName: "n"))
  var batchSize = EpochBenchmark().batchSize

  @OptionGroup(title: "Network") var network: NetworkOption
  @OptionGroup(title: "Workers") var workers: WorkerOptions
  @OptionGroup(title: "Measurement") var output: BenchmarkOutput

  func validate() throws {
    try Bounds.check("--batch-size", batchSize, Bounds.batchSize)
  }

  func run() throws {
    var benchmark = EpochBenchmark()
    benchmark.network = try network.architecture()
    benchmark.batchSize = batchSize
    benchmark.repetitions = output.repetitions ?? benchmark.repetitions
    let (measured, data, output) = (benchmark, data, output)
    try Workers.run(threads: workers.count) { communicator in
      let sources = try data.sources(communicator)
      try output.print(try measured.run(sources, communicator), communicator, text: Self.text)
    }
  }

  private static func text(_ report: EpochBenchmark.Report) -> String {
    report.peak.text + """
      \(report.trainingRows) rows, batch \(report.batchSize), \(report.peak.workers) workers, \
      \(report.training.count) epochs
        training         \(report.training.text(.seconds))
        by definition    \(report.flops.gigaflops)
        FLOP utilisation \(report.flopUtilization.percent)
        validation       \(report.validation.text(.seconds)), \(report.validationRows) rows
        resident         \((Double(report.residentBytes) / 1e6).fixed(0)) MB at most, in one process

      """
  }
}

extension BenchmarkDataOptions {
  /// The rows in memory: of the files, or of the synthetic data set. Collective.
  fileprivate func sources(_ communicator: any Communicator) throws -> DataSources {
    if let data { return try DataSelection.folder(data).sources(communicator) }
    return DataSources(
      train: .synthetic(.train, rows: trainRows, seed: 1), test: .synthetic(.test, rows: testRows, seed: 1))
  }
}
