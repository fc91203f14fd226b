import ArgumentParser
import Training

/// Regularization. Each option overrides the recipe's value.
struct RegularizationOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: .recipe("Rate of the dropout layers and of the LSTM inputs.", valueName: "rate") {
      $0.dropout.plain
    })
  var dropout: Double?

  @Option(
    parsing: .unconditional,
    help: .recipe("Recurrent dropout rate of the first LSTM layer.", valueName: "rate") {
      $0.recurrentDropout.plain
    })
  var recurrentDropout: Double?

  @Flag(name: .customLong("no-dropout"), help: "Disable dropout: both rates are 0.")
  var noDropout = false

  @Option(
    parsing: .unconditional,
    help: .recipe("Label smoothing factor (training loss only).", valueName: "factor") {
      $0.labelSmoothing.plain
    })
  var labelSmoothing: Double?

  @Option(
    help: ArgumentHelp(
      """
      Multiply a sample's training loss by its class's weight: balanced, so that all classes count alike however many rows they \
      have, or a JSON file of factors by class, e.g. {"0": 1.5, "B": 2}; others have 1.
      """, valueName: "balanced|file"))
  var classWeight: String?

  @Flag(
    inversion: .prefixedNo,
    help: .recipe(
      "Standardize each image to mean 0 and standard deviation 1 instead of dividing pixels by 255; evaluate and predict do the same."
    ) { $0.standardize ? "yes" : "no" })
  var standardize: Bool?

  @Flag(
    inversion: .prefixedNo,
    help: .recipe("Augment the training images, freshly every epoch, within the ranges of the augmentation options.") {
      $0.augment == nil ? "no" : "yes"
    })
  var augment: Bool?

  func validate() throws {
    try require(dropout, in: 0..<1, "--dropout")
    try require(recurrentDropout, in: 0..<1, "--recurrent-dropout")
    if noDropout, dropout != nil || recurrentDropout != nil {
      throw ValidationError("--no-dropout sets both rates to 0: use it, or --dropout and --recurrent-dropout.")
    }
    try require(labelSmoothing, in: 0..<1, "--label-smoothing")
  }

  /// The first option of the default network's dropout that was given.
  var firstDropoutOption: String? {
    if dropout != nil { return "--dropout" }
    if recurrentDropout != nil { return "--recurrent-dropout" }
    return noDropout ? "--no-dropout" : nil
  }

  /// Overrides the recipe's values by what was given.
  func apply(to configuration: inout TrainingConfiguration) {
    if let dropout { configuration.dropout = dropout }
    if let recurrentDropout { configuration.recurrentDropout = recurrentDropout }
    if noDropout { (configuration.dropout, configuration.recurrentDropout) = (0, 0) }
    if let labelSmoothing { configuration.labelSmoothing = labelSmoothing }
    if let standardize { configuration.standardize = standardize }
    if let augment { configuration.augment = augment ? configuration.augment ?? .best : nil }
  }
}
