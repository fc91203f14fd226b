import ArgumentParser
import Training

/// What early stopping, the best weights and a plateau of the learning rate go by.
struct MonitorOptions: ParsableArguments {
  @Option(
    help: .recipe(
      "What --patience, --keep best and --schedule plateau go by: a loss is better lower, an accuracy higher.",
      valueName: "number"
    ) { $0.monitor.rawValue })
  var monitor: Monitor?

  @Option(
    parsing: .unconditional,
    help: .recipe(
      "By more than how much --monitor must get better, for --patience and --keep best.", valueName: "number"
    ) { $0.minDelta.plain })
  var minDelta: Double?

  func validate() throws { try require(minDelta, in: Bounds.difference, "--min-delta") }

  /// Refuses options that have no effect in a run.
  func check(_ configuration: TrainingConfiguration) throws {
    let choosesEpoch = configuration.patience != nil || configuration.keep == .best
    if minDelta != nil, !choosesEpoch {
      throw ValidationError(
        "--min-delta needs --keep best or a --patience: this run makes no choice by an epoch's numbers.")
    }
    if monitor != nil, !choosesEpoch, configuration.schedule != .plateau {
      throw ValidationError(
        "--monitor needs --keep best, a --patience or --schedule plateau: this run makes no choice by an epoch's numbers."
      )
    }
  }

  /// Overrides the recipe's values by what was given.
  func apply(to configuration: inout TrainingConfiguration) {
    if let monitor { configuration.monitor = monitor }
    if let minDelta { configuration.minDelta = minDelta }
  }
}

extension Monitor: ExpressibleByArgument {}
