import Kernels

/// Gradient descent, plain or with momentum, as Keras' `SGD`.
public struct SGD: Optimizer {
  private let momentum: Double
  private let isNesterov: Bool
  private var rate: Float = 0

  /// - Parameters:
  ///   - momentum: the fraction of the velocity that a step keeps, from 0 to 1; 0 for none, and then there is no state.
  ///   - isNesterov: whether the step looks ahead along the new velocity; without momentum that is no change.
  public init(momentum: Double = 0, isNesterov: Bool = false) {
    self.momentum = momentum
    self.isNesterov = isNesterov
  }

  /// The vectors of its state.
  public var state: [StateVector] { momentum > 0 ? [StateVector("sgd/momentum", "the momentum")] : [] }

  /// None: what is not finite in the momentum is added to the parameters in the same step.
  public var silentVectors: Range<Int> { 0..<0 }

  /// Computes the constants of the step.
  public mutating func begin(step: Int, learningRate: Double) { rate = Float(learningRate) }

  /// Steps a block's parameters and its state.
  public func update(_ block: ParameterBlock) -> StepWordSums {
    block.summed(vectors: state.count) {
      guard momentum > 0 else {
        gradientDescentStep(
          gradientScale: block.gradientScale, rate: rate, gradient: block.gradient, parameters: block.parameters,
          count: block.count)
        return
      }
      momentumStep(
        MomentumConstants(
          gradientScale: block.gradientScale, rate: rate, momentum: Float(momentum), isNesterov: isNesterov),
        gradient: block.gradient, parameters: block.parameters, velocity: block.vector(0), count: block.count)
    }
  }
}
