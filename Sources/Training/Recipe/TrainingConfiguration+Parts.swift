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

  /// The learning rates of a run with `stepsPerEpoch` steps per epoch.
  func learningRates(stepsPerEpoch: Int) -> LearningRateSchedule {
    let decay: LearningRateSchedule.Decay =
      switch schedule {
      case .constant: .constant
      case .cosine: .cosine
      case .step: .steps(every: stepEpochs * stepsPerEpoch, factor: stepFactor)
      }
    return LearningRateSchedule(
      peak: learningRate, decay: decay, warmUpSteps: Int((warmupEpochs * Double(stepsPerEpoch)).rounded()),
      totalSteps: epochs * stepsPerEpoch)
  }
}
