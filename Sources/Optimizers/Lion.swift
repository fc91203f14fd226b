import Kernels

/// Lion, as Keras' optimizer of that name: every parameter moves by the learning rate, in the direction of a sign.
public struct Lion: Optimizer {
  private var constants: LionConstants

  /// - Parameters:
  ///   - beta1: the share of the momentum in the direction of a step.
  ///   - beta2: the decay rate of the momentum.
  public init(beta1: Double = 0.9, beta2: Double = 0.99) {
    constants = LionConstants(
      gradientScale: 1, rate: 0, beta1: Float(beta1), oneMinusBeta1: Float(1 - beta1), beta2: Float(beta2),
      oneMinusBeta2: Float(1 - beta2))
  }

  /// The vectors of its state.
  public var state: [StateVector] { [StateVector("lion/momentum", "Lion's momentum")] }

  /// The momentum: infinite, it still has a sign.
  public var silentVectors: Range<Int> { 0..<1 }

  /// Computes the constants of the step.
  public mutating func begin(step: Int, learningRate: Double) { constants.rate = Float(learningRate) }

  /// Steps a block's parameters and its state.
  public func update(_ block: ParameterBlock) -> StepWordSums {
    var constants = constants
    constants.gradientScale = block.gradientScale
    return block.summed(vectors: 1) {
      lionStep(
        constants, gradient: block.gradient, parameters: block.parameters, momentum: block.vector(0),
        count: block.count)
    }
  }
}
