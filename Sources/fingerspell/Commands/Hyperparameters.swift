import ArgumentParser
import Training

/// What the trained parameters depend on besides the data.
struct Hyperparameters: ParsableArguments {
  private static let defaults = TrainingConfiguration()

  @Option(parsing: .unconditional, help: ArgumentHelp("The most epochs to train.", valueName: "n"))
  var epochs = defaults.epochs

  @Option(parsing: .unconditional, help: ArgumentHelp("Samples of a step, over all workers.", valueName: "n"))
  var batchSize = defaults.batchSize

  @Option(parsing: .unconditional, help: ArgumentHelp("Adam's learning rate.", valueName: "rate"))
  var learningRate = defaults.learningRate

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Stop after so many epochs without a lower validation loss.", valueName: "epochs"))
  var patience = defaults.patience

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The key of initial weights, order of rows and dropout, from 0.", valueName: "number"))
  var seed = defaults.seed

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Validate on this fraction of the training rows, the last ones, instead of on the test rows; between 0 and 1.",
      valueName: "fraction"))
  var validationSplit: Double?

  @Option(
    help: ArgumentHelp(
      """
      The order of an epoch's rows: global permutes all of them anew each epoch; none keeps the file's order; shard lets each \
      worker permute its own part, for data larger than memory, and the result then depends on the number of workers.
      """, valueName: "order"))
  var shuffle = defaults.shuffle

  @Option(
    help: ArgumentHelp(
      """
      How the workers' gradients are summed: canonical gives the same bits on any number of workers; mpi leaves the order to \
      the MPI library, for comparison.
      """, valueName: "sum"))
  var allReduce = defaults.allReduce

  @Flag(name: .customLong("no-dropout"), help: "Train without dropout.")
  var noDropout = false

  @Option(
    help: ArgumentHelp(
      "Begin with the weights of this safetensors file instead of drawing them.", valueName: "file"))
  var initialWeights: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Steps of an epoch, which then goes on where the last one stopped. (default: as many as visit every row once)",
      valueName: "n"))
  var stepsPerEpoch: Int?

  func validate() throws {
    try Bounds.check("--epochs", epochs, Bounds.epochs)
    try Bounds.check("--batch-size", batchSize, Bounds.batchSize)
    try Self.require(
      learningRate > 0 && learningRate.isFinite, "--learning-rate", learningRate, "it must be a finite number above 0")
    try Self.require(patience >= 0, "--patience", patience, "it must be at least 0")
    if let split = validationSplit {
      try Self.require(
        split > 0 && split < 1, "--validation-split", split, "it must lie between 0 and 1, both excluded")
    }
    if let steps = stepsPerEpoch { try Bounds.check("--steps-per-epoch", steps, Bounds.steps) }
  }

  private static func require(_ isMet: Bool, _ option: String, _ value: some Any, _ rule: String) throws {
    guard isMet else { throw ValidationError("\(option) is \(value); \(rule).") }
  }

  /// The configuration for the trainer.
  var configuration: TrainingConfiguration {
    var configuration = TrainingConfiguration()
    configuration.epochs = epochs
    configuration.batchSize = batchSize
    configuration.learningRate = learningRate
    configuration.patience = patience
    configuration.seed = seed
    configuration.validationSplit = validationSplit
    configuration.shuffle = shuffle
    configuration.allReduce = allReduce
    configuration.dropout = !noDropout
    configuration.stepsPerEpoch = stepsPerEpoch
    return configuration
  }
}

extension TrainingConfiguration.Shuffle: ExpressibleByArgument {}
extension TrainingConfiguration.AllReduce: ExpressibleByArgument {}
