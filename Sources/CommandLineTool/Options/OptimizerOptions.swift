import ArgumentParser
import Training

/// How the parameters are stepped. Each option overrides the recipe's value.
struct OptimizerOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: .recipe("Adam's learning rate, the highest of the run.", valueName: "rate") { $0.learningRate.plain })
  var learningRate: Double?

  @Option(
    help: .recipe(
      """
      How the learning rate falls: constant does not; cosine falls to 0 over the run; step falls by --step-factor every \
      --step-epochs.
      """, valueName: "schedule"
    ) { $0.schedule.rawValue })
  var schedule: TrainingConfiguration.Schedule?

  @Option(
    parsing: .unconditional,
    help: .recipe("Epochs, or a part of one, in which the learning rate first rises.", valueName: "epochs") {
      $0.warmupEpochs.plain
    })
  var warmupEpochs: Double?

  @Option(
    parsing: .unconditional,
    help: .recipe("With --schedule step: epochs between two falls.", valueName: "epochs") { "\($0.stepEpochs)" })
  var stepEpochs: Int?

  @Option(
    parsing: .unconditional,
    help: .recipe("With --schedule step: what a fall multiplies the learning rate by.", valueName: "factor") {
      $0.stepFactor.plain
    })
  var stepFactor: Double?

  @Option(
    parsing: .unconditional,
    help: .recipe("Adam's decoupled weight decay, of all parameters, as Keras' AdamW; 0 for none.", valueName: "rate") {
      $0.weightDecay.plain
    })
  var weightDecay: Double?

  @Option(
    parsing: .unconditional,
    help: .recipe(
      "The most that the norm of a batch's mean gradient may be; a longer one is scaled down. 0 for no limit.",
      valueName: "norm"
    ) { $0.clipNorm.plain })
  var clipNorm: Double?

  @Option(
    parsing: .unconditional,
    help: .recipe(
      """
      Validate and keep a moving average of the parameters over the steps, with this decay, below 1; 0 for the parameters \
      themselves.
      """, valueName: "decay"
    ) { $0.ema.plain })
  var ema: Double?

  func validate() throws {
    try require(learningRate, in: Bounds.rate, "--learning-rate")
    try require(warmupEpochs, in: Bounds.partsOfEpochs, "--warmup-epochs")
    if let epochs = stepEpochs { try Bounds.check("--step-epochs", epochs, Bounds.epochs) }
    if let factor = stepFactor {
      try require(
        factor > 0 && factor <= 1, "--step-factor", factor.plain, "it must be above 0 and at most 1")
    }
    if stepEpochs != nil || stepFactor != nil, schedule != .step {
      throw ValidationError("--step-epochs and --step-factor go with --schedule step.")
    }
    try require(weightDecay, in: 0...1e6, "--weight-decay")
    try require(clipNorm, in: 0...1e30, "--clip-norm")
    try require(ema, in: 0..<1, "--ema")
  }

  /// Puts what was given in the place of the recipe's.
  func apply(to configuration: inout TrainingConfiguration) {
    if let learningRate { configuration.learningRate = learningRate }
    if let schedule { configuration.schedule = schedule }
    if let warmupEpochs { configuration.warmupEpochs = warmupEpochs }
    if let stepEpochs { configuration.stepEpochs = stepEpochs }
    if let stepFactor { configuration.stepFactor = stepFactor }
    if let weightDecay { configuration.weightDecay = weightDecay }
    if let clipNorm { configuration.clipNorm = clipNorm }
    if let ema { configuration.ema = ema }
  }
}

extension TrainingConfiguration.Schedule: ExpressibleByArgument {}
