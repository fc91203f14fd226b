import ArgumentParser
import Datasets
import Glibc
import Logging
import Monitoring
import Platform
import Training

/// `fingerspell train`.
struct Train: WorkersCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Train the network and keep the weights of its best epoch.",
    discussion: """
      Writes a run folder: run.json (everything needed to repeat the run), metrics.csv (one line per epoch), \
      model.safetensors (the weights with the lowest validation loss, under Keras' names), checkpoints/ (from which \
      --resume continues), and event files, in it and its folders train/ and validation/ (for tensorboard --logdir).

      Without --data and --train-csv it trains on the CSVs in data/ or, if there are none, on a synthetic data set. The \
      real data come from Kaggle:
        \(DataFiles.kaggleCommand)

      EXAMPLES
        One process with one thread per core; four processes with one worker each:
          fingerspell train --data data
          mpirun -n 4 fingerspell train --data data
        Hold out the last tenth of the training rows for validation:
          fingerspell train --data data --validation-split 0.1
        Other files, a shorter run, and a name for its folder:
          fingerspell train --train-csv a.csv --test-csv b.csv \\
            --epochs 5 --output runs/five
        A network of your own, whose model.to_json() Keras has written:
          fingerspell train --data data --network model.json
        The same run again, and once more with another seed:
          fingerspell train --config runs/first/run.json
          fingerspell train --config runs/first/run.json --seed 2
        Resume a run that was stopped or killed, on any number of workers:
          fingerspell train --data data --output runs/long --checkpoint-every 500
          mpirun -n 4 fingerspell train --data data --output runs/long \\
            --checkpoint-every 500 --resume
      """)

  @Option(
    help: ArgumentHelp(
      """
      Take the options from this file: the run.json of an earlier run, which is then repeated, or a JSON object such as \
      {"epochs": 5, "learning_rate": 0.01}. Options that are given override it. Paths in it are relative to the current folder.
      """, valueName: "file"))
  var config: String?

  @OptionGroup(title: "Data") var data: TrainingDataOptions
  @OptionGroup(title: "Data") var classNames: ClassNamesOption
  @OptionGroup(title: "Images") var images: ImageOptions
  @OptionGroup(title: "Network") var network: NetworkOption
  @OptionGroup(title: "Hyperparameters") var hyperparameters: Hyperparameters
  @OptionGroup(title: "Optimizer") var optimizer: OptimizerOptions
  @OptionGroup(title: "Regularization") var regularization: RegularizationOptions
  @OptionGroup(title: "Augmentation") var augmentation: AugmentationOptions
  @OptionGroup(title: "Workers") var workers: WorkerOptions
  @OptionGroup(title: "Watchdog") var watchdog: WatchdogOptions
  @OptionGroup(title: "Verification") var verification: VerificationOptions
  @OptionGroup(title: "Output") var output: TrainingOutputOptions

  func validate() throws {
    if data.trainCSV != nil, data.testCSV == nil, hyperparameters.validationSplit == nil {
      throw ValidationError(
        "--train-csv needs --test-csv for validation, or --validation-split to hold out training rows.")
    }
    if data.testCSV != nil, hyperparameters.validationSplit != nil {
      throw ValidationError(
        "--test-csv validates on that file, --validation-split on rows of the training file: use one or the other.")
    }
    if network.network != nil, let option = regularization.firstDropoutOption {
      throw ValidationError("\(option) is of the default network; the file of --network has its own rates.")
    }
    let configuration = optionsConfiguration
    if configuration.warmupEpochs > Double(configuration.epochs), Launch.isRoot {
      Ending.complain(
        "warning: the warm-up of \(configuration.warmupEpochs.plain) epochs is longer than the run of \(configuration.epochs): the "
          + "learning rate never reaches \(configuration.learningRate.plain)")
    }
    if let option = augmentation.firstGiven, configuration.augment == nil {
      throw ValidationError("\(option) needs --augment: this run does not augment images.")
    }
    try hyperparameters.monitoring.check(configuration)
  }

  /// The trainer's configuration, with the network and the class weights that files hold.
  private var trainingConfiguration: TrainingConfiguration {
    get throws {
      var configuration = optionsConfiguration
      configuration.network = try network.architecture()
      if configuration.standardize, configuration.network?.rescalesPixels == true {
        throw Failure(
          .usage,
          "the network begins with a Rescaling, which scales the pixels itself, but this run standardizes them: give "
            + "--no-standardize, or take the layer out of the network")
      }
      configuration.classWeight = try regularization.classWeight.map(ClassWeightFile.read)
      return configuration
    }
  }

  /// The recipe's values, overridden by the given options.
  private var optionsConfiguration: TrainingConfiguration {
    var configuration = hyperparameters.configuration
    optimizer.apply(to: &configuration)
    regularization.apply(to: &configuration)
    configuration.augment = configuration.augment.map { augmentation.ranges(over: $0) }
    return configuration
  }

  func run() throws {
    let deadline = output.maxTime.map { ContinuousClock.now + .seconds($0.seconds) }
    LogLines.start(level: output.level)
    // Whoever reads the progress may leave; training continues.
    signal(SIGPIPE, SIG_IGN)
    let job = TrainingJob(
      recipe: hyperparameters.recipe, configuration: try trainingConfiguration, data: data.selection,
      classNames: classNames.path,
      images: images,
      output: output.folder,
      initialWeights: hyperparameters.initialWeights, resume: output.resume, checkpointEvery: output.checkpointEvery,
      verifyShare: verification.verifyShare,
      stop: StopSignals.install(), deadline: deadline, quiet: output.quiet, writesEvents: output.tensorboard,
      repeated: ConfigurationFile.current)
    try Workers.run(threads: workers.count, stallTimeout: watchdog.limit) { try job.perform($0) }
  }
}

extension Train: EffectiveOptions {
  var inEffect: Set<String> { ["hyperparameters", "optimizer", "regularization", "augmentation", "network"] }

  var values: [AgreedValue] {
    get throws {
      // Only rank 0 reads the weights, so all must mean the same file.
      [AgreedValue("--initial-weights", hyperparameters.initialWeights ?? "not given")]
        + (try trainingConfiguration.fields.map { AgreedValue(OptionNames.option(for: $0.key), $0.value) })
    }
  }
}

/// Which rows to train and validate on.
struct TrainingDataOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The data: a folder with sign_mnist_train.csv and sign_mnist_test.csv, the files of another known set or folders of images; "
        + "or one file with all rows, or a list of images (docs/data.md).",
      valueName: "path"))
  var data: String?

  @Option(
    name: .customLong("train-csv"),
    help: ArgumentHelp(
      "The file to train on (CSV, .gz, .zip, IDX, npz), or images, instead of --data.", valueName: "file"))
  var trainCSV: String?

  @Option(
    name: .customLong("test-csv"),
    help: ArgumentHelp("The file to validate on; requires --train-csv.", valueName: "file"))
  var testCSV: String?

  func validate() throws {
    if data != nil, trainCSV != nil || testCSV != nil {
      throw ValidationError("--data names both files: use it, or --train-csv and --test-csv.")
    }
    if trainCSV == nil, testCSV != nil {
      throw ValidationError("--test-csv needs --train-csv: name both files, or their folder with --data.")
    }
  }

  var selection: DataSelection {
    if let data { return .folder(data) }
    return trainCSV.map { .files(train: $0, test: testCSV) } ?? .automatic
  }
}

/// Where a run's results go, and what is printed.
struct TrainingOutputOptions: ParsableArguments {
  @Option(
    name: .customLong("output"),
    help: ArgumentHelp(
      "The run folder; without --resume an earlier run in it is moved aside. (default: runs/<start time>)",
      valueName: "dir"))
  var folder: String?

  @Flag(
    help: ArgumentHelp(
      """
      Resume the run in --output from its newest intact checkpoint, or start it if there is none yet. Data and \
      hyperparameters must be the same; the number and kind of workers may change. A run, even a finished one, is extended \
      by more --epochs or another --patience, unless --schedule is cosine.
      """))
  var resume = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Write a checkpoint every n steps, in addition to the end of every epoch. The newest three are kept.",
      valueName: "n"))
  var checkpointEvery: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      End the run after this time from its start, in seconds or with the unit m, h or d (90m): after the step in progress and a \
      checkpoint, with the best weights so far. --resume continues.
      """, valueName: "time"))
  var maxTime: TimeSpan?

  @Flag(
    inversion: .prefixedNo,
    help: "Write event files for TensorBoard into the run folder.")
  var tensorboard = true

  @Flag(help: "Print only the result and errors.")
  var quiet = false

  @Option(
    help: ArgumentHelp(
      "How the run is told on standard output: text, or json, one object a line for each event (docs/tracking.md).",
      valueName: "format"))
  var logFormat = LogFormat.text

  @Option(
    help: ArgumentHelp(
      "The lowest level to log on standard error. (default: warning, or error with --quiet)", valueName: "level"))
  var logLevel: Logger.Level?

  func validate() throws {
    if resume, folder == nil {
      throw ValidationError("--resume needs --output: the folder of the run to resume.")
    }
    try require(maxTime?.seconds, in: Bounds.seconds, "--max-time")
    if let steps = checkpointEvery { try Bounds.check("--checkpoint-every", steps, Bounds.steps) }
  }

  /// The lowest level to log.
  var level: Logger.Level { logLevel ?? (quiet ? .error : .warning) }
}

/// How a run is told.
enum LogFormat: String, CaseIterable, ExpressibleByArgument {
  case text, json

  /// Whether a command line asks for JSON: an error of its other options is told so too.
  static func isJSON(_ words: [String]) -> Bool {
    GivenOptions(words.prefix { $0 != "--" }).value(of: "log-format") == LogFormat.json.rawValue
      && words.contains(Train._commandName)
  }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
