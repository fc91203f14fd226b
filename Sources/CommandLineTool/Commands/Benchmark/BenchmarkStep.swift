import ArgumentParser
import Benchmarking
import Platform
import Training

/// `fingerspell benchmark step`.
struct BenchmarkStep: WorkersCommand {
  static let configuration = CommandConfiguration(
    commandName: "step",
    abstract: "Training steps on data in memory: one worker, and all of them.",
    discussion: """
      Rows of the synthetic data set are visited in a permutation as in training, with the recipe's dropout and augmentation. One \
      worker alone and all workers are measured in turns; parallel efficiency is the throughput of N workers divided by N \
      times that of one.

      EXAMPLES
        fingerspell benchmark step --recipe best
        fingerspell benchmark step --batch-size 256
        mpirun -n 2 fingerspell benchmark step --json
      """)

  @Option(help: ArgumentHelp("What the steps compute: keras, or best or fast with augmentation.", valueName: "recipe"))
  var recipe = Recipe.keras

  @Option(
    parsing: .unconditional,
    help: .recipe("Samples per step, over all workers.", valueName: "n") { "\($0.batchSize)" })
  var batchSize: Int?

  @OptionGroup(title: "Network") var network: NetworkOption
  @OptionGroup(title: "Workers") var workers: WorkerOptions
  @OptionGroup(title: "Measurement") var output: BenchmarkOutput

  func validate() throws {
    if let batchSize { try Bounds.check("--batch-size", batchSize, Bounds.batchSize) }
  }

  func run() throws {
    var benchmark = StepBenchmark()
    benchmark.recipe = recipe
    benchmark.network = try network.architecture()
    benchmark.batchSize = batchSize
    benchmark.repetitions = output.repetitions ?? benchmark.repetitions
    let (measured, output) = (benchmark, output)
    try Workers.run(threads: workers.count) { communicator in
      try output.print(try measured.run(communicator), communicator, text: Self.text)
    }
  }

  private static func text(_ report: StepBenchmark.Report) -> String {
    var text = report.peak.text
    text += "recipe \(report.recipe.rawValue), batch \(report.batchSize), "
    text += "\(report.one.meanStep.count) repetitions of \(report.stepsPerRepetition) steps\n"
    for rate in [report.one, report.all].compactMap({ $0 }) {
      let name = rate.workers == 1 ? "one worker" : "\(rate.workers) workers"
      text += """

        \(name)
          step             \(rate.meanStep.text(.milliseconds))
          single steps     \(rate.singleStep.text(.milliseconds))
          samples/s        \(rate.samplesPerSecond.fixed(0))
          by definition    \(rate.flops.gigaflops)
          FLOP utilisation \(rate.flopUtilization.percent)

        """
      for phase in rate.phases.named { text += "    \(phase.name.left(22))\(phase.share.percent.right(7))\n" }
    }
    let augmentation = report.one.phases.augmentation
    if augmentation > 0 {
      text += "\naugmentation adds \((augmentation / (1 - augmentation)).percent) to one worker's step\n"
    }
    if let efficiency = report.parallelEfficiency, let best = report.bestParallelEfficiency {
      text += "\nparallel efficiency \(efficiency.percent), of the best single steps \(best.percent)\n"
    }
    return text
  }
}
