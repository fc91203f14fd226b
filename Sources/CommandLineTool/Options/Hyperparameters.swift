import ArgumentParser
import MPICommunication
import Training

/// What the trained parameters depend on besides the data.
struct Hyperparameters: ParsableArguments {
  private static let defaults = Recipe.keras.configuration

  @Option(
    help: ArgumentHelp(
      """
      Default values of the options below: keras has the original program's; best trains longer, with augmentation, a \
      cosine schedule and weight averaging, and selects nothing by the validation rows; fast does so in a third of \
      best's epochs.
      """, valueName: "recipe"))
  var recipe = Recipe.keras

  @Option(
    parsing: .unconditional,
    help: .recipe("Maximum number of epochs.", valueName: "n") { "\($0.epochs)" })
  var epochs: Int?

  @Option(
    parsing: .unconditional,
    help: .recipe("Samples per step, over all workers.", valueName: "n") { "\($0.batchSize)" })
  var batchSize: Int?

  @Option(
    parsing: .unconditional,
    help: .recipe(
      "Early stopping: epochs without a better --monitor after which training stops; none to disable.",
      valueName: "epochs"
    ) { Patience($0.patience).text })
  var patience: Patience?

  @Option(
    help: .recipe(
      "Keep the weights of the epoch with the best --monitor (best), or of the last epoch.", valueName: "epoch"
    ) {
      $0.keep.rawValue
    })
  var keep: TrainingConfiguration.Keep?

  @OptionGroup var monitoring: MonitorOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Random seed (>= 0) for initialisation, shuffling, dropout and augmentation.", valueName: "number"))
  var seed = defaults.seed

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Validate on this fraction of the training rows, from the end of the file, instead of on the test rows; between 0 and 1.",
      valueName: "fraction"))
  var validationSplit: Double?

  @Option(
    help: ArgumentHelp(
      """
      Order of the rows: global permutes all rows every epoch; none keeps the file's order; shard lets each worker permute its \
      own part, for data larger than memory; the result then depends on the number of workers.
      """, valueName: "order"))
  var shuffle = defaults.shuffle

  @Option(
    help: ArgumentHelp(
      """
      Gradient reduction: reproducible gives the same bits on any number of workers; mpi leaves the order of summation to the \
      MPI library, for comparison.
      """, valueName: "sum"))
  var allReduce = defaults.allReduce

  @Option(
    help: ArgumentHelp(
      "Start from the weights in this safetensors file instead of random ones.", valueName: "file"))
  var initialWeights: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Steps per epoch; the next epoch continues where this one stops. (default: enough to visit every row once)",
      valueName: "n"))
  var stepsPerEpoch: Int?

  func validate() throws {
    if let epochs { try Bounds.check("--epochs", epochs, Bounds.epochs) }
    if let batchSize { try Bounds.check("--batch-size", batchSize, Bounds.batchSize) }
    if let epochs = patience?.epochs { try Bounds.check("--patience", epochs, 0...Bounds.epochs.upperBound) }
    if let split = validationSplit {
      try require(split > 0 && split < 1, "--validation-split", split, "it must lie between 0 and 1, both excluded")
    }
    if let steps = stepsPerEpoch { try Bounds.check("--steps-per-epoch", steps, Bounds.steps) }
  }

  /// The recipe's configuration, overridden by the options given here.
  var configuration: TrainingConfiguration {
    var configuration = recipe.configuration
    if let epochs { configuration.epochs = epochs }
    if let batchSize { configuration.batchSize = batchSize }
    if let patience { configuration.patience = patience.epochs }
    if let keep { configuration.keep = keep }
    monitoring.apply(to: &configuration)
    configuration.seed = seed
    configuration.validationSplit = validationSplit
    configuration.shuffle = shuffle
    configuration.allReduce = allReduce
    configuration.stepsPerEpoch = stepsPerEpoch
    return configuration
  }
}

/// A number of epochs, or `none`.
struct Patience: ExpressibleByArgument {
  let epochs: Int?

  init(_ epochs: Int?) { self.epochs = epochs }

  init?(argument: String) {
    epochs = Int(argument)
    if epochs == nil, argument != "none" { return nil }
  }

  var text: String { epochs.map { "\($0)" } ?? "none" }
}

extension Recipe: ExpressibleByArgument {}
extension TrainingConfiguration.Shuffle: ExpressibleByArgument {}
extension TrainingConfiguration.AllReduce: ExpressibleByArgument {}
extension TrainingConfiguration.Keep: ExpressibleByArgument {}
