import Kernels

/// LAMB, as Keras' `Lamb`: Adam's direction, as long in each tensor as the tensor's own norm says.
///
/// A step has two halves. The first makes the moments and the updates, the second subtracts each tensor's updates at its own
/// rate, for which the norms of both must be known. Weight decay comes before the first, and so enters the parameters' norm.
public struct Lamb: Optimizer {
  private let beta1: Double
  private let beta2: Double
  private var constants: LambConstants
  private var learningRate = 0.0
  /// The tensors' ranges in the layout, ascending, and the rate of each in the step in progress.
  private let tensors: [Range<Int>]
  private var rates: [Float]

  /// - Parameters:
  ///   - tensors: the ranges of the layout's tensors, in ascending order. What belongs to none never changes.
  ///   - beta1: the decay rate of the first moment.
  ///   - beta2: the decay rate of the second moment.
  ///   - epsilon: ε, added to the denominator after the bias correction.
  public init(tensors: [Range<Int>], beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-7) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.tensors = tensors
    rates = [Float](repeating: 0, count: tensors.count)
    constants = LambConstants(
      gradientScale: 1, oneMinusBeta1: Float(1 - beta1), oneMinusBeta2: Float(1 - beta2), correction1: 1,
      correction2: 1, epsilon: Float(epsilon))
  }

  /// The vectors of its state.
  public var state: [StateVector] {
    [
      StateVector("lamb/moment1", "LAMB's first moments"), StateVector("lamb/moment2", "LAMB's second moments"),
    ]
  }

  /// The second moments: an infinite one ends the changes of its parameter.
  public var silentVectors: Range<Int> { 1..<2 }

  /// Yes: the updates are in the vector after the moments.
  public var usesTensorNorms: Bool { true }

  /// Computes the constants of the step.
  public mutating func begin(step: Int, learningRate: Double) {
    self.learningRate = learningRate
    constants.correction1 = Float(1 - power(beta1, step))
    constants.correction2 = Float(1 - power(beta2, step))
  }

  /// Makes a block's moments and updates.
  public func prepare(_ block: ParameterBlock) {
    var constants = constants
    constants.gradientScale = block.gradientScale
    lambUpdates(
      constants, gradient: block.gradient, moment1: block.vector(0), moment2: block.vector(1), into: block.vector(2),
      count: block.count)
  }

  /// Makes the rates of the tensors of their norms.
  public mutating func use(_ norms: [TensorNorm]) {
    for index in rates.indices { rates[index] = Float(learningRate * norms[index].ratio) }
  }

  /// Subtracts a block's updates, each tensor's at its own rate.
  public func update(_ block: ParameterBlock) -> StepWordSums {
    block.summed(vectors: 3) {
      for (tensor, rate) in zip(tensors, rates) where tensor.overlaps(block.range) {
        let part = tensor.clamped(to: block.range)
        let start = part.lowerBound - block.range.lowerBound
        subtractUpdates(block.vector(2) + start, rate: rate, from: block.parameters + start, count: part.count)
      }
    }
  }
}
