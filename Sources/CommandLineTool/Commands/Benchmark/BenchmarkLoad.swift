import ArgumentParser
import Benchmarking
import Communication
import Datasets
import Glibc
import Platform
import Training

/// `fingerspell benchmark load`.
struct BenchmarkLoad: WorkersCommand {
  static let configuration = CommandConfiguration(
    commandName: "load",
    abstract: "Reading the data, and the time from start to first step.",
    discussion: """
      Without --data it first writes the synthetic data set, in the real one's size, to a temporary folder.

      EXAMPLE
        fingerspell benchmark load --data data --workers 1
      """)

  @OptionGroup var data: BenchmarkDataOptions
  @OptionGroup(title: "Workers") var workers: WorkerOptions
  @OptionGroup(title: "Measurement") var output: BenchmarkOutput

  func run() throws {
    let age = ProcessAge.seconds ?? 0
    var benchmark = LoadBenchmark()
    benchmark.repetitions = output.repetitions ?? benchmark.repetitions
    let (measured, data, output) = (benchmark, data, output)
    try Workers.run(threads: workers.count) { communicator in
      let begun = Launch.environment == nil ? age : ProcessAge.seconds ?? age
      let folder = data.data == nil ? try TemporaryData(data, communicator) : nil
      defer { folder?.remove() }
      let files = try communicator.agree { try DataFiles.locate(in: data.data ?? folder?.path ?? "") }
      let report = try measured.run(files, processAge: begun, communicator)
      try output.print(report, communicator, text: Self.text)
    }
  }

  private static func text(_ report: LoadBenchmark.Report) -> String {
    """
    \(report.rows) rows, \(report.bytes) bytes, \(report.workers) workers, \(report.parsing.count) repetitions
      parsing                 \(report.parsing.text(.milliseconds))
      a worker                \((report.bytesPerSecondPerWorker / 1e6).fixed(0)) MB/s
      all workers             \((report.bytesPerSecond / 1e6).fixed(0)) MB/s
      parsing and sharing     \(report.loading.text(.milliseconds))
      process start to first step  \((report.startToWorkers + report.workersToFirstStep).fixed(3)) s: \
    \(report.startToWorkers.fixed(2)) s until the workers run, \(report.workersToFirstStep.fixed(3)) s until they have stepped

    """
  }
}

/// Which rows a benchmark works on.
struct BenchmarkDataOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The folder of the data set. (default: the synthetic data set in the real one's size)", valueName: "dir"))
  var data: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Rows of the synthetic data set to train on, instead of 27455.", valueName: "n"))
  var rows: Int?

  func validate() throws {
    if data != nil, rows != nil {
      throw ValidationError("--rows is for the synthetic data set: use --rows or --data.")
    }
    if let rows { try Bounds.check("--rows", rows, Bounds.rows) }
  }

  /// The rows of the synthetic data set: by default as many as the real set has.
  var trainRows: Int { rows ?? 27455 }

  /// Those to validate on: the same share of them as in the real set.
  var testRows: Int { max(1, trainRows * 7172 / 27455) }
}

/// The synthetic data set as files in a temporary folder; each node has its own.
struct TemporaryData {
  /// The folder.
  let path: String
  private let isOwner: Bool

  /// Writes the files. Collective.
  init(_ options: BenchmarkDataOptions, _ communicator: any Communicator) throws {
    let topology = communicator.topology
    isOwner = topology.nodes.contains { $0.first == communicator.rank }
    let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    let folder = try communicator.broadcast("\(base)/fingerspell-benchmark-\(getpid())", root: 0)
    path = folder
    let isOwner = isOwner
    try communicator.agree {
      guard isOwner else { return }
      guard mkdir(folder, 0o700) == 0 else {
        throw Failure(.io, "cannot create the folder \(folder): \(String(cString: strerror(errno)))")
      }
      try Synthesize.write(.train, rows: options.trainRows, seed: 1, to: "\(folder)/\(DataFiles.trainName)")
      try Synthesize.write(.test, rows: options.testRows, seed: 1, to: "\(folder)/\(DataFiles.testName)")
    }
  }

  /// Removes what was written, by the worker that wrote it.
  func remove() {
    guard isOwner else { return }
    unlink("\(path)/\(DataFiles.trainName)")
    unlink("\(path)/\(DataFiles.testName)")
    rmdir(path)
  }
}
