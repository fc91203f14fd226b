import NeuralNet
import Optimizers

// What the configuration means for the parts of the training.
extension TrainingConfiguration {
  /// How images become the network's input.
  public var preprocessing: Preprocessing {
    standardize ? .standardized : architecture.rescalesPixels ? .raw : .unit
  }

  /// The network.
  public var architecture: Architecture {
    network ?? .signLanguageMNIST(dropout: dropout, recurrentDropout: recurrentDropout)
  }

  /// Chooses an optimizer, with Keras' defaults for all of its hyperparameters, the learning rate and the weight decay too.
  public mutating func use(_ kind: OptimizerKind) {
    optimizer = kind
    let defaults = kind.defaults
    (learningRate, weightDecay) = (defaults.learningRate, defaults.weightDecay)
    (momentum, nesterov, rho, centered) = (defaults.momentum, defaults.nesterov, defaults.rho, defaults.centered)
    (beta1, beta2, epsilon) = (defaults.beta1, defaults.beta2, defaults.epsilon)
  }

  /// The optimizer of parameters in that layout.
  func optimizer(_ layout: ParameterLayout) -> any Optimizer {
    var values = OptimizerHyperparameters()
    (values.momentum, values.nesterov, values.rho, values.centered) = (momentum, nesterov, rho, centered)
    (values.beta1, values.beta2, values.epsilon) = (beta1, beta2, epsilon)
    return optimizer.optimizer(values, tensors: layout.tensors.map(\.range))
  }

  /// Early stopping before the first epoch.
  package var earlyStopping: EarlyStopping {
    EarlyStopping(patience: patience, keepsLast: keep == .last, monitor: monitor, minDelta: minDelta)
  }

  /// The plateau before the first epoch, where the schedule is that.
  package var plateau: LearningRatePlateau? {
    guard schedule == .plateau else { return nil }
    return LearningRatePlateau(
      monitor: monitor, rate: learningRate, factor: plateauFactor, patience: plateauPatience,
      minDelta: plateauMinDelta, cooldown: plateauCooldown, minRate: plateauMinRate)
  }

  /// The learning rates of a run with `stepsPerEpoch` steps per epoch.
  func learningRates(stepsPerEpoch: Int) -> LearningRateSchedule {
    let decay: LearningRateSchedule.Decay =
      switch schedule {
      case .constant, .plateau: .constant
      case .cosine: .cosine
      case .step: .steps(every: stepEpochs * stepsPerEpoch, factor: stepFactor)
      }
    return LearningRateSchedule(
      peak: learningRate, decay: decay, warmUpSteps: Int((warmupEpochs * Double(stepsPerEpoch)).rounded()),
      totalSteps: epochs * stepsPerEpoch)
  }
}
