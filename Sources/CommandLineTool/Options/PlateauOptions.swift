import ArgumentParser
import Training

/// When and how `--schedule plateau` reduces the learning rate: Keras' ReduceLROnPlateau.
struct PlateauOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: .recipe("With --schedule plateau: the factor of a reduction.", valueName: "factor") { $0.plateauFactor.plain }
  )
  var plateauFactor: Double?

  @Option(
    parsing: .unconditional,
    help: .recipe(
      "With --schedule plateau: epochs without a better --monitor after which the rate is reduced.", valueName: "epochs"
    ) { "\($0.plateauPatience)" })
  var plateauPatience: Int?

  @Option(
    parsing: .unconditional,
    help: .recipe("With --schedule plateau: by more than how much --monitor must get better.", valueName: "number") {
      $0.plateauMinDelta.plain
    })
  var plateauMinDelta: Double?

  @Option(
    parsing: .unconditional,
    help: .recipe(
      "With --schedule plateau: epochs after a reduction in which none are counted.", valueName: "epochs"
    ) { "\($0.plateauCooldown)" })
  var plateauCooldown: Int?

  @Option(
    parsing: .unconditional,
    help: .recipe("With --schedule plateau: the lowest learning rate.", valueName: "rate") { $0.plateauMinRate.plain })
  var plateauMinRate: Double?

  /// Whether any was given.
  var isGiven: Bool {
    plateauFactor != nil || plateauPatience != nil || plateauMinDelta != nil || plateauCooldown != nil
      || plateauMinRate != nil
  }

  func validate() throws {
    if let factor = plateauFactor {
      try require(
        factor > 0 && factor < 1, "--plateau-factor", factor.plain, "it must lie between 0 and 1, both excluded")
    }
    if let epochs = plateauPatience { try Bounds.check("--plateau-patience", epochs, 0...Bounds.epochs.upperBound) }
    if let epochs = plateauCooldown { try Bounds.check("--plateau-cooldown", epochs, 0...Bounds.epochs.upperBound) }
    try require(plateauMinDelta, in: Bounds.difference, "--plateau-min-delta")
    try require(plateauMinRate, in: 0...Bounds.rate.upperBound, "--plateau-min-rate")
  }

  /// Overrides the recipe's values by what was given.
  func apply(to configuration: inout TrainingConfiguration) {
    if let plateauFactor { configuration.plateauFactor = plateauFactor }
    if let plateauPatience { configuration.plateauPatience = plateauPatience }
    if let plateauMinDelta { configuration.plateauMinDelta = plateauMinDelta }
    if let plateauCooldown { configuration.plateauCooldown = plateauCooldown }
    if let plateauMinRate { configuration.plateauMinRate = plateauMinRate }
  }
}
