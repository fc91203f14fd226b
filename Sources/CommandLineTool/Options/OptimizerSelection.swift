import ArgumentParser
import Optimizers
import Training

/// Which optimizer, and the hyperparameters that only some of them have.
struct OptimizerSelection: ParsableArguments {
  @Option(
    help: .recipe(
      """
      Optimizer, as Keras defines it. Another one than the recipe's has Keras' learning rate and weight decay unless they are \
      given: 0.01 for sgd, else 0.001; 0.004 for adamw, else 0.
      """, valueName: "optimizer"
    ) { $0.optimizer.rawValue })
  var optimizer: OptimizerKind?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "sgd, rmsprop: the fraction of the last change that a step adds again, 0 to 1. (default: 0)",
      valueName: "fraction"))
  var momentum: Double?

  @Flag(inversion: .prefixedNo, help: "sgd: Nesterov's momentum. (default: no)")
  var nesterov: Bool?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("rmsprop: decay rate of the mean squared gradient. (default: 0.9)", valueName: "rate"))
  var rho: Double?

  @Flag(
    inversion: .prefixedNo,
    help: "rmsprop: divide by the standard deviation of the gradient, not by its root mean square. (default: no)")
  var centered: Bool?

  @Option(
    name: .customLong("beta1"), parsing: .unconditional,
    help: ArgumentHelp("adam, adamw, lamb, lion: decay rate of the first moment. (default: 0.9)", valueName: "rate"))
  var beta1: Double?

  @Option(
    name: .customLong("beta2"), parsing: .unconditional,
    help: ArgumentHelp(
      "adam, adamw, lamb: decay rate of the second moment; lion: of its momentum. (default: 0.999; lion: 0.99)",
      valueName: "rate"))
  var beta2: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "adam, adamw, lamb, rmsprop: what is added to the denominator. (default: 1e-7)", valueName: "number"))
  var epsilon: Double?

  func validate() throws {
    let kind = optimizer ?? Recipe.keras.configuration.optimizer
    for (option, isGiven, has) in Self.options where isGiven(self) && !has(kind) {
      let owners = OptimizerKind.allCases.filter(has).map(\.rawValue).joined(separator: ", ")
      let others = Self.options.filter { $0.has(kind) }.map(\.option).joined(separator: ", ")
      throw ValidationError("\(option) is an option of \(owners); \(kind.rawValue) has \(others).")
    }
    try require(momentum, in: 0...1, "--momentum")
    for (value, option) in [(rho, "--rho"), (beta1, "--beta1"), (beta2, "--beta2")] {
      try require(value, in: 0..<1, option)
    }
    try require(epsilon, in: 1e-30...1, "--epsilon")
    if nesterov == true, momentum ?? 0 == 0 {
      throw ValidationError("--nesterov needs a --momentum above 0.")
    }
  }

  /// The options that only some optimizers have.
  private static var options: [(option: String, isGiven: (Self) -> Bool, has: (OptimizerKind) -> Bool)] {
    [
      ("--momentum", { $0.momentum != nil }, { $0.defaults.momentum != nil }),
      ("--nesterov", { $0.nesterov != nil }, { $0.defaults.nesterov != nil }),
      ("--rho", { $0.rho != nil }, { $0.defaults.rho != nil }),
      ("--centered", { $0.centered != nil }, { $0.defaults.centered != nil }),
      ("--beta1", { $0.beta1 != nil }, { $0.defaults.beta1 != nil }),
      ("--beta2", { $0.beta2 != nil }, { $0.defaults.beta2 != nil }),
      ("--epsilon", { $0.epsilon != nil }, { $0.defaults.epsilon != nil }),
    ]
  }

  /// Overrides the recipe's values by what was given. First of all options: it may change the learning rate and the weight decay.
  func apply(to configuration: inout TrainingConfiguration) {
    if let optimizer, optimizer != configuration.optimizer { configuration.use(optimizer) }
    if let momentum { configuration.momentum = momentum }
    if let nesterov { configuration.nesterov = nesterov }
    if let rho { configuration.rho = rho }
    if let centered { configuration.centered = centered }
    if let beta1 { configuration.beta1 = beta1 }
    if let beta2 { configuration.beta2 = beta2 }
    if let epsilon { configuration.epsilon = epsilon }
  }
}

extension OptimizerKind: ExpressibleByArgument {}
