import ArgumentParser
import Training

/// What keeps the network from learning the training images by heart. Each option overrides the recipe's value.
struct RegularizationOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: .recipe("The fraction that the dropout layers drop, LSTM inputs included.", valueName: "rate") {
      $0.dropout.plain
    })
  var dropout: Double?

  @Option(
    parsing: .unconditional,
    help: .recipe("The fraction that the first LSTM layer drops of its state.", valueName: "rate") {
      $0.recurrentDropout.plain
    })
  var recurrentDropout: Double?

  @Flag(name: .customLong("no-dropout"), help: "Train without dropout: both rates are 0.")
  var noDropout = false

  @Option(
    parsing: .unconditional,
    help: .recipe("The part of each label that is spread evenly over all classes in training.", valueName: "part") {
      $0.labelSmoothing.plain
    })
  var labelSmoothing: Double?

  @Flag(
    inversion: .prefixedNo,
    help: .recipe(
      "Bring each image to mean 0 and standard deviation 1 instead of dividing pixels by 255; evaluate and predict then do so too."
    ) { $0.standardize ? "yes" : "no" })
  var standardize: Bool?

  @Flag(
    inversion: .prefixedNo,
    help: .recipe("Change each training image anew each epoch, as far as the options of augmentation say.") {
      $0.augment == nil ? "no" : "yes"
    })
  var augment: Bool?

  func validate() throws {
    try require(dropout, in: 0..<1, "--dropout")
    try require(recurrentDropout, in: 0..<1, "--recurrent-dropout")
    if noDropout, dropout != nil || recurrentDropout != nil {
      throw ValidationError("--no-dropout sets both rates to 0; leave out --dropout and --recurrent-dropout, or it.")
    }
    try require(labelSmoothing, in: 0..<1, "--label-smoothing")
  }

  /// Puts what was given in the place of the recipe's.
  func apply(to configuration: inout TrainingConfiguration) {
    if let dropout { configuration.dropout = dropout }
    if let recurrentDropout { configuration.recurrentDropout = recurrentDropout }
    if noDropout { (configuration.dropout, configuration.recurrentDropout) = (0, 0) }
    if let labelSmoothing { configuration.labelSmoothing = labelSmoothing }
    if let standardize { configuration.standardize = standardize }
    if let augment { configuration.augment = augment ? configuration.augment ?? .best : nil }
  }
}
