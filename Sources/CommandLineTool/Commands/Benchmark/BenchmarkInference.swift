import ArgumentParser
import Benchmarking
import Platform

/// `fingerspell benchmark inference`.
struct BenchmarkInference: WorkersCommand {
  static let configuration = CommandConfiguration(
    commandName: "inference",
    abstract: "Probabilities of images in memory: one worker, and all of them.",
    discussion: """
      Images of the synthetic data set, as bytes, become probabilities, batch by batch, as `predict` and `serve` compute them. \
      One worker alone computes whole batches; all workers share each of them, and the last one's time counts.

      EXAMPLES
        fingerspell benchmark inference
        fingerspell benchmark inference --network model.json --batch-size 8
      """)

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Images of a batch. (default: 1, 64 and 1024, one after the other)", valueName: "n"))
  var batchSize: Int?

  @OptionGroup(title: "Network") var network: NetworkOption
  @OptionGroup(title: "Workers") var workers: WorkerOptions
  @OptionGroup(title: "Measurement") var output: BenchmarkOutput

  func validate() throws {
    if let batchSize { try Bounds.check("--batch-size", batchSize, Bounds.batchSize) }
  }

  func run() throws {
    var benchmark = InferenceBenchmark()
    benchmark.network = try network.architecture()
    benchmark.batchSizes = batchSize.map { [$0] } ?? benchmark.batchSizes
    benchmark.repetitions = output.repetitions ?? benchmark.repetitions
    let (measured, output) = (benchmark, output)
    try Workers.run(threads: workers.count) { communicator in
      try output.print(try measured.run(communicator), communicator, text: Self.text)
    }
  }

  private static func text(_ report: InferenceBenchmark.Report) -> String {
    var text = report.peak.text + "\(report.multiplyAddsPerImage) multiply-adds an image\n"
    for batch in report.batches {
      text += "\nbatches of \(counted(batch.batchSize, "image"))\n"
      for rate in [batch.one, batch.all].compactMap({ $0 }) {
        text += """
            \(counted(rate.workers, "worker").left(11)) \(rate.batch.text(.microseconds)): \
          \(rate.imagesPerSecond.fixed(0)) images/s, FLOP utilisation \(rate.flopUtilization.percent)

          """
      }
    }
    return text
  }
}
