import Kernels

/// RMSprop, as Keras' optimizer of that name: ε is inside the root, and the momentum is of updates, not of gradients.
public struct RMSprop: Optimizer {
  private let momentum: Double
  private let isCentered: Bool
  private var constants: RMSpropConstants

  /// - Parameters:
  ///   - rho: the decay rate of the means, of the squared gradient and of the gradient.
  ///   - momentum: the fraction of the last update that a step keeps; 0 for none.
  ///   - epsilon: ε, added under the root.
  ///   - isCentered: whether the square of the gradient's mean is subtracted, which leaves the variance.
  public init(rho: Double = 0.9, momentum: Double = 0, epsilon: Double = 1e-7, isCentered: Bool = false) {
    self.momentum = momentum
    self.isCentered = isCentered
    constants = RMSpropConstants(
      gradientScale: 1, rate: 0, rho: Float(rho), oneMinusRho: Float(1 - rho), momentum: Float(momentum),
      epsilon: Float(epsilon))
  }

  /// The mean of the squared gradient, and where they are used the mean of the gradient and the last update, in that order.
  public var state: [StateVector] {
    [StateVector("rmsprop/velocity", "RMSprop's means of squares")]
      + (isCentered ? [StateVector("rmsprop/average_gradient", "RMSprop's mean gradients")] : [])
      + (momentum > 0 ? [StateVector("rmsprop/momentum", "RMSprop's momentum")] : [])
  }

  /// The means of squares: an infinite one ends the changes of its parameter.
  public var silentVectors: Range<Int> { 0..<1 }

  /// Computes the constants of the step.
  public mutating func begin(step: Int, learningRate: Double) { constants.rate = Float(learningRate) }

  /// Steps a block's parameters and its state.
  public func update(_ block: ParameterBlock) -> StepWordSums {
    var constants = constants
    constants.gradientScale = block.gradientScale
    let vectors = 1 + (isCentered ? 1 : 0) + (momentum > 0 ? 1 : 0)
    return block.summed(vectors: vectors) {
      rmspropStep(
        constants, gradient: block.gradient, parameters: block.parameters, velocity: block.vector(0),
        average: isCentered ? block.vector(1) : nil, update: momentum > 0 ? block.vector(vectors - 1) : nil,
        count: block.count)
    }
  }
}
