import ArgumentParser
import Training

/// How the optimizer steps. Each option overrides the recipe's value.
struct OptimizerOptions: ParsableArguments {
  @OptionGroup var selection: OptimizerSelection

  @Option(
    parsing: .unconditional,
    help: .recipe("Learning rate, at its peak.", valueName: "rate") { $0.learningRate.plain })
  var learningRate: Double?

  @Option(
    help: .recipe(
      """
      Learning rate schedule: constant; cosine decay to 0 over the run; step decay by --step-factor every --step-epochs; \
      plateau: reduced when --monitor gets no better.
      """, valueName: "schedule"
    ) { $0.schedule.rawValue })
  var schedule: TrainingConfiguration.Schedule?

  @Option(
    parsing: .unconditional,
    help: .recipe("Epochs of linear warm-up; may be fractional.", valueName: "epochs") {
      $0.warmupEpochs.plain
    })
  var warmupEpochs: Double?

  @Option(
    parsing: .unconditional,
    help: .recipe("With --schedule step: epochs between two decays.", valueName: "epochs") { "\($0.stepEpochs)" })
  var stepEpochs: Int?

  @Option(
    parsing: .unconditional,
    help: .recipe("With --schedule step: the factor of each decay.", valueName: "factor") {
      $0.stepFactor.plain
    })
  var stepFactor: Double?

  @OptionGroup var plateau: PlateauOptions

  @Option(
    parsing: .unconditional,
    help: .recipe("Decoupled weight decay of all parameters, with any optimizer; 0 for none.", valueName: "rate") {
      $0.weightDecay.plain
    })
  var weightDecay: Double?

  @Option(
    parsing: .unconditional,
    help: .recipe(
      "Clip the global gradient norm to this value; 0 for no clipping.",
      valueName: "norm"
    ) { $0.clipNorm.plain })
  var clipNorm: Double?

  @Option(
    parsing: .unconditional,
    help: .recipe(
      """
      Weight averaging: validate and keep an exponential moving average of the parameters with this decay, below 1; 0 for none.
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
      throw ValidationError("--step-epochs and --step-factor require --schedule step.")
    }
    if plateau.isGiven, schedule != .plateau {
      throw ValidationError("The options --plateau-... require --schedule plateau.")
    }
    try require(weightDecay, in: 0...1e6, "--weight-decay")
    try require(clipNorm, in: 0...1e30, "--clip-norm")
    try require(ema, in: 0..<1, "--ema")
  }

  /// Overrides the recipe's values by what was given.
  func apply(to configuration: inout TrainingConfiguration) {
    selection.apply(to: &configuration)
    plateau.apply(to: &configuration)
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
