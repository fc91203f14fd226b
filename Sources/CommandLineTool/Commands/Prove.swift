import ArgumentParser
import Glibc
import MPICommunication
import Monitoring
import NeuralNet
import Platform
import Reproducibility
import Training

/// `fingerspell prove`.
struct Prove: WorkersCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check that training gives the same bits on any number of workers.",
    usage: "fingerspell prove [<options>] [-- <mpirun options> ...]",
    discussion: """
      Reproducibility check: trains one short run, with dropout and validation, on 1, 2, 3, 4 and 7 threads of this process, \
      and on the same numbers of ranks, for which it starts mpirun itself. The table shows the beginning of two SHA-256 checksums per \
      worker layout: of the parameters after the last epoch, and of the losses and accuracies of all epochs. All bits of \
      every epoch are compared.

      Under mpirun it trains the run on those ranks and prints one line per epoch: losses, accuracies, checksum. It runs \
      itself this way; on a cluster whose scheduler starts the ranks, compare these lines.

      Without --data it uses the CSVs in data/ or, if there are none, the synthetic data set.

      EXAMPLES
        fingerspell prove --data data
        fingerspell prove --data /shared/data -- --hostfile my-cluster
        fingerspell prove --threads-only --workers 1,5,8

      EXIT CODES
        0  every layout gave the same bits
        70 a layout gave other bits, or could not be trained
      """)

  @OptionGroup(title: "The run") var short: ShortRun
  @OptionGroup(title: "Layouts") var layouts: WorkerLayouts
  @OptionGroup(title: "Watchdog") var watchdog: WatchdogOptions

  @Argument(
    parsing: .postTerminator,
    help: ArgumentHelp("After --, options for mpirun, e.g. --hostfile and its file.", valueName: "mpirun options"))
  var launcherOptions: [String] = []

  func validate() throws {
    guard Launch.environment == nil else {
      guard layouts.isDefault, launcherOptions.isEmpty else {
        throw ValidationError(
          "--workers, --threads-only, --mpirun and options for mpirun are for a process without mpirun.")
      }
      return
    }
    if layouts.threadsOnly, layouts.mpirun != nil || !launcherOptions.isEmpty {
      throw ValidationError("--threads-only starts no ranks: use it, or --mpirun and its options.")
    }
  }

  func run() throws {
    if Launch.environment == nil { try runCheck() } else { try trainOnRanks() }
  }

  private func trainOnRanks() throws {
    let (configuration, data) = (try short.configuration, short.selection)
    try Workers.run(threads: nil, stallTimeout: watchdog.limit) { communicator in
      let epochs = try LayoutRunner.epochs(
        configuration, sources: try data.sources(communicator),
        initialParameters: configuration.architecture.initialParameters(seed: configuration.seed), communicator)
      try communicator.agree { for epoch in epochs { try Console().line(epoch.line) } }
    }
  }

  private func runCheck() throws {
    let (console, data, configuration) = (Console(), short.selection, try short.configuration)
    let sources = try Workers.run(threads: 1, stallTimeout: watchdog.limit) { try data.sources($0) }
    let runner = LayoutRunner(
      configuration: configuration, sources: sources,
      initialParameters: configuration.architecture.initialParameters(seed: configuration.seed),
      launcher: try layouts.launcher(), launcherName: layouts.mpirun ?? "mpirun", launcherOptions: launcherOptions,
      rankCommand: [try ownPath(), "prove", "--stall-timeout", "\(watchdog.stallTimeout)"] + short.arguments)
    var check = ReproducibilityCheck()
    try console.line(short.title + "\n\n" + check.header)
    for layout in WorkerLayout.all(workers: layouts.counts, ranks: !layouts.threadsOnly) {
      try console.line(check.add(layout, runner.run(layout)))
    }
    try console.line("\n" + check.conclusion)
    if runner.launcher == nil, !layouts.threadsOnly {
      try console.line("Name a launcher with --mpirun, or compare threads only with --threads-only.")
    }
    if !check.holds { Glibc.exit(FailureKind.software.rawValue) }
  }
}

/// The run that is trained on every layout.
struct ShortRun: ParsableArguments {
  @Option(help: ArgumentHelp("The folder of the data set.", valueName: "dir"))
  var data: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("Steps per epoch.", valueName: "n"))
  var steps = 20

  @Option(parsing: .unconditional, help: ArgumentHelp("Epochs.", valueName: "n"))
  var epochs = 2

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Samples per step; 100 samples make 13 micro-batches of 8, which only 1 and 13 workers share evenly.",
      valueName: "n"))
  var batchSize = 100

  @Option(parsing: .unconditional, help: ArgumentHelp("Random seed (>= 0).", valueName: "number"))
  var seed: UInt64 = 1

  @Option(
    help: ArgumentHelp(
      "The recipe of the run: keras, or best or fast with augmentation and weight averaging.",
      valueName: "recipe"))
  var recipe = Recipe.keras

  @OptionGroup var network: NetworkOption

  @Option(
    help: ArgumentHelp(
      "Gradient reduction: reproducible, or mpi to see what the MPI library's own all-reduce does.", valueName: "sum"))
  var allReduce = TrainingConfiguration.AllReduce.reproducible

  func validate() throws {
    try Bounds.check("--steps", steps, Bounds.steps)
    try Bounds.check("--epochs", epochs, Bounds.epochs)
    try Bounds.check("--batch-size", batchSize, Bounds.batchSize)
  }

  var selection: DataSelection { data.map { .folder($0) } ?? .automatic }

  var configuration: TrainingConfiguration {
    get throws {
      var configuration = recipe.configuration
      configuration.network = try network.architecture()
      configuration.epochs = epochs
      configuration.stepsPerEpoch = steps
      configuration.batchSize = batchSize
      configuration.seed = seed
      configuration.allReduce = allReduce
      configuration.patience = epochs
      return configuration
    }
  }

  /// The run as options of this command.
  var arguments: [String] {
    (data.map { ["--data", $0] } ?? []) + (network.network.map { ["--network", $0] } ?? []) + [
      "--steps", "\(steps)", "--epochs", "\(epochs)", "--batch-size", "\(batchSize)", "--seed", "\(seed)",
      "--recipe", recipe.rawValue, "--all-reduce", allReduce.rawValue,
    ]
  }

  var title: String {
    let sum = allReduce == .reproducible ? "the reproducible reduction" : "the communicator's all-reduce"
    return "\(epochs) x \(steps) steps of \(batchSize) samples, recipe \(recipe.rawValue), seed \(seed), with \(sum)"
  }
}

/// Which layouts to train on.
struct WorkerLayouts: ParsableArguments {
  @Option(
    parsing: .unconditional, help: ArgumentHelp("How many workers. (default: 1,2,3,4,7)", valueName: "n,n,..."))
  var workers: WorkerCounts?

  @Flag(help: "Use no ranks.")
  var threadsOnly = false

  @Option(
    help: ArgumentHelp(
      "The program that starts ranks. (default: the mpirun of this program's MPI library)", valueName: "program"))
  var mpirun: String?

  var isDefault: Bool { workers == nil && !threadsOnly && mpirun == nil }

  var counts: [Int] { workers?.counts ?? [1, 2, 3, 4, 7] }

  /// What starts ranks; nil if there is no launcher, or no ranks are wanted.
  func launcher() throws -> MPILauncher? {
    threadsOnly ? nil : try MPILauncher.ofThisProgram(named: mpirun)
  }
}

/// Worker counts, as the command line has them: `1,2,4`.
struct WorkerCounts: ExpressibleByArgument {
  let counts: [Int]

  init?(argument: String) {
    let words = argument.split(separator: ",", omittingEmptySubsequences: false)
    counts = words.compactMap { Int($0) }.filter(Bounds.workers.contains)
    guard counts.count == words.count else { return nil }
  }
}
