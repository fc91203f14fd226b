/// The optimizers, by Keras' names in lower case.
public enum OptimizerKind: String, Codable, CaseIterable, Sendable {
  /// Gradient descent, plain or with momentum.
  case sgd
  /// Steps divided by the root of the mean squared gradient.
  case rmsprop
  /// Steps by the first and second moments.
  case adam
  /// Adam with a weight decay by default.
  case adamw
  /// Steps of equal length, by a sign.
  case lion
  /// Adam's direction, scaled by each tensor's norm: for large batches.
  case lamb

  /// Its hyperparameters, with Keras' defaults.
  public var defaults: OptimizerHyperparameters {
    var values = OptimizerHyperparameters()
    switch self {
    case .sgd: (values.learningRate, values.momentum, values.nesterov) = (0.01, 0, false)
    case .rmsprop: (values.rho, values.momentum, values.epsilon, values.centered) = (0.9, 0, 1e-7, false)
    case .adam, .lamb: (values.beta1, values.beta2, values.epsilon) = (0.9, 0.999, 1e-7)
    case .adamw: (values.beta1, values.beta2, values.epsilon, values.weightDecay) = (0.9, 0.999, 1e-7, 0.004)
    case .lion: (values.beta1, values.beta2) = (0.9, 0.99)
    }
    return values
  }

  /// An optimizer of this kind.
  ///
  /// - Parameters:
  ///   - given: its hyperparameters; for those that are nil the default holds.
  ///   - tensors: the ranges of the layout's tensors, in ascending order.
  public func optimizer(_ given: OptimizerHyperparameters, tensors: [Range<Int>]) -> any Optimizer {
    let defaults = defaults
    let beta1 = given.beta1 ?? defaults.beta1 ?? 0
    let beta2 = given.beta2 ?? defaults.beta2 ?? 0
    let epsilon = given.epsilon ?? defaults.epsilon ?? 0
    let momentum = given.momentum ?? defaults.momentum ?? 0
    return switch self {
    case .sgd: SGD(momentum: momentum, isNesterov: given.nesterov ?? false)
    case .rmsprop:
      RMSprop(
        rho: given.rho ?? defaults.rho ?? 0, momentum: momentum, epsilon: epsilon, isCentered: given.centered ?? false)
    case .adam, .adamw: Adam(beta1: beta1, beta2: beta2, epsilon: epsilon)
    case .lion: Lion(beta1: beta1, beta2: beta2)
    case .lamb: Lamb(tensors: tensors, beta1: beta1, beta2: beta2, epsilon: epsilon)
    }
  }
}

/// The hyperparameters of an optimizer, under Keras' names; nil for those that it does not have.
public struct OptimizerHyperparameters: Equatable, Sendable {
  /// The learning rate, and the decoupled weight decay.
  public var learningRate = 0.001, weightDecay = 0.0
  /// The fraction of the last change that a step keeps.
  public var momentum: Double?
  /// Whether the momentum is Nesterov's.
  public var nesterov: Bool?
  /// RMSprop's decay rate.
  public var rho: Double?
  /// Whether RMSprop divides by the standard deviation of the gradient.
  public var centered: Bool?
  /// The decay rates of the moments.
  public var beta1: Double?, beta2: Double?
  /// What is added to the denominator.
  public var epsilon: Double?

  /// Those that every optimizer has.
  public init() {}
}
