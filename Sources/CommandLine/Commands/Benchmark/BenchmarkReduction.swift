import ArgumentParser
import Benchmarking

/// `fingerspell benchmark exchange`.
struct BenchmarkExchange: WorkersCommand {
  static let configuration = CommandConfiguration(
    commandName: "exchange",
    abstract: "The exchange of a gradient: canonical, and by all-reduce.",
    discussion: """
      Both are given vectors of the gradient's size that were just written, in turns, and the slowest worker's time counts. \
      Under mpirun the all-reduce is MPI_Allreduce; among threads it is this program's own.

      EXAMPLE
        mpirun -n 2 fingerspell benchmark exchange
      """)

  @OptionGroup(title: "Workers") var workers: WorkerOptions
  @OptionGroup(title: "Measurement") var output: BenchmarkOutput

  func run() throws {
    var benchmark = ExchangeBenchmark()
    benchmark.repetitions = output.repetitions ?? benchmark.repetitions
    let (measured, output) = (benchmark, output)
    try Workers.run(threads: workers.count) { communicator in
      try output.print(try measured.run(communicator), communicator, text: Self.text)
    }
  }

  private static func text(_ report: ExchangeBenchmark.Report) -> String {
    func line(_ name: String, _ timing: Timing) -> String { "  \(name.left(30))\(timing.text(.microseconds))\n" }
    var text =
      "\(report.workers) workers, a vector of \(report.bytes) bytes each, \(report.meeting.count) repetitions\n"
    for (name, call) in [
      ("canonical", report.canonical), ("all-reduce", report.allReduce),
      ("canonical with Adam", report.canonicalWithAdam), ("all-reduce with Adam", report.allReduceWithAdam),
    ] {
      text += line(name, call.call) + line("  until all is read", call.callAndRead)
    }
    text += line("a meeting", report.meeting)
    return text + """
      canonical / all-reduce: \(report.callRatio.fixed(3)), until all is read \(report.readRatio.fixed(3))
        with Adam:            \(report.callRatioWithAdam.fixed(3)), until all is read \(report.readRatioWithAdam.fixed(3))

      training steps, batch \(report.exactness.batchSize), \(report.exactness.canonical.count) repetitions of \
      \(report.exactness.stepsPerRepetition)
        canonical   \(report.exactness.canonical.text(.milliseconds))
        all-reduce  \(report.exactness.allReduce.text(.milliseconds))
        the cost of exactness: \(report.exactness.cost.percent)

      """
  }
}
