import ArgumentParser
import Benchmarking
import Platform

/// `fingerspell benchmark reduction`.
struct BenchmarkReduction: WorkersCommand {
  static let configuration = CommandConfiguration(
    commandName: "reduction",
    abstract: "The reduction of a gradient: reproducible, and by the MPI library's all-reduce.",
    discussion: """
      Both get vectors of the gradient's size that were just written, in turns; the slowest worker's time counts. \
      Under mpirun the all-reduce is MPI_Allreduce; among threads it is this program's own.

      EXAMPLE
        mpirun -n 2 fingerspell benchmark reduction
      """)

  @OptionGroup(title: "Workers") var workers: WorkerOptions
  @OptionGroup(title: "Measurement") var output: BenchmarkOutput

  func run() throws {
    var benchmark = ReductionBenchmark()
    benchmark.repetitions = output.repetitions ?? benchmark.repetitions
    let (measured, output) = (benchmark, output)
    try Workers.run(threads: workers.count) { communicator in
      try output.print(try measured.run(communicator), communicator, text: Self.text)
    }
  }

  private static func text(_ report: ReductionBenchmark.Report) -> String {
    func line(_ name: String, _ timing: Timing) -> String { "  \(name.left(30))\(timing.text(.microseconds))\n" }
    var text =
      "\(counted(report.workers, "worker")), a vector of \(report.bytes) bytes each, \(counted(report.barrier.count, "repetition"))\n"
    for (name, call) in [
      ("reproducible", report.reproducible), ("all-reduce", report.allReduce),
      ("reproducible with Adam", report.reproducibleWithAdam), ("all-reduce with Adam", report.allReduceWithAdam),
    ] {
      text += line(name, call.call) + line("  until all is read", call.callAndRead)
    }
    text += line("one barrier", report.barrier)
    return text + """
      reproducible / all-reduce: \(report.callRatio.fixed(3)), until all is read \(report.readRatio.fixed(3))
        with Adam:            \(report.callRatioWithAdam.fixed(3)), until all is read \(report.readRatioWithAdam.fixed(3))

      training steps, batch \(report.overhead.batchSize), \(report.overhead.reproducible.count) repetitions of \
      \(report.overhead.stepsPerRepetition)
        reproducible   \(report.overhead.reproducible.text(.milliseconds))
        all-reduce     \(report.overhead.allReduce.text(.milliseconds))
        the overhead of reproducibility: \(report.overhead.fraction.percent)

      """
  }
}
