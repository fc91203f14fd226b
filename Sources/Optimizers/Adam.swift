import Kernels

/// The Adam optimizer with Keras' defaults. With a weight decay (`ShardedOptimizer`) it is Keras' AdamW.
public struct Adam: Optimizer {
  private let beta1: Double
  private let beta2: Double
  private var constants: AdamConstants

  /// - Parameters:
  ///   - beta1: the decay rate of the first moment.
  ///   - beta2: the decay rate of the second moment.
  ///   - epsilon: ε, added to the denominator outside the bias correction.
  public init(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-7) {
    self.beta1 = beta1
    self.beta2 = beta2
    constants = AdamConstants(
      gradientScale: 1, oneMinusBeta1: Float(1 - beta1), oneMinusBeta2: Float(1 - beta2), epsilon: Float(epsilon),
      rate: 0)
  }

  /// The vectors of its state.
  public var state: [StateVector] {
    [
      StateVector("adam/moment1", "Adam's first moments"), StateVector("adam/moment2", "Adam's second moments"),
    ]
  }

  /// The second moments: an infinite one ends the changes of its parameter.
  public var silentVectors: Range<Int> { 1..<2 }

  /// Computes the constants of the step.
  public mutating func begin(step: Int, learningRate: Double) {
    let correction = (1 - power(beta2, step)).squareRoot() / (1 - power(beta1, step))
    constants.rate = Float(learningRate * correction)
  }

  /// Steps a block's parameters and its state.
  public func update(_ block: ParameterBlock) -> StepWordSums {
    var constants = constants
    constants.gradientScale = block.gradientScale
    return adamStep(
      constants, gradient: block.gradient, parameters: block.parameters, moment1: block.vector(0),
      moment2: block.vector(1), count: block.count)
  }
}
