import Kernels

/// The Adam optimizer with Keras' defaults; with a weight decay, Keras' AdamW, which decays all parameters, biases too. Its
/// state is two flat buffers, the moments, and the number of steps taken.
public struct Adam: Sendable, Equatable {
  /// The learning rate.
  public var learningRate: Double
  /// The decay of the first moment.
  public var beta1 = 0.9
  /// The decay of the second moment.
  public var beta2 = 0.999
  /// The number that keeps the quotient finite, outside the bias correction.
  public var epsilon = 1e-7
  /// The decoupled weight decay: a step takes learning rate · this from every parameter, as a fraction of it.
  public var weightDecay = 0.0

  /// Adam with Keras' other defaults.
  public init(learningRate: Double = 0.001, weightDecay: Double = 0) {
    self.learningRate = learningRate
    self.weightDecay = weightDecay
  }

  /// The constants of step number `step`, counted from 1, over a batch of `samples` samples.
  public func constants(step: Int, samples: Int) -> AdamConstants {
    let correction = (1 - power(beta2, step)).squareRoot() / (1 - power(beta1, step))
    return AdamConstants(
      gradientScale: 1 / Float(samples), oneMinusBeta1: Float(1 - beta1), oneMinusBeta2: Float(1 - beta2),
      epsilon: Float(epsilon), rate: Float(learningRate * correction), decay: Float(learningRate * weightDecay))
  }
}

/// Adam's state for a range of the parameters: both moments, all zero before the first step.
public struct AdamMoments: Sendable {
  /// The parameters that these are the moments of; whole vectors of 16.
  public let range: Range<Int>
  /// The running mean of the gradient; as many numbers as the range has.
  public package(set) var moment1: [Float]
  /// The running mean of its square.
  public package(set) var moment2: [Float]

  /// The state before the first step.
  public init(range: Range<Int>) {
    self.range = range
    moment1 = [Float](repeating: 0, count: range.count)
    moment2 = [Float](repeating: 0, count: range.count)
  }

  /// Whether the parameters of `part` and their second moments are finite.
  ///
  /// A gradient that is not makes its second moment so. And a second moment that is not finite, because the gradient's square
  /// overflowed, makes its parameter stand still forever, with nothing else to be seen: the step is divided by infinity.
  ///
  /// - Parameter parameters: the whole flat buffer.
  public func areFinite(_ part: Range<Int>, parameters: UnsafePointer<Float>) -> Bool {
    guard Kernels.areFinite(parameters + part.lowerBound, count: part.count) else { return false }
    return moment2.withUnsafeBufferPointer { moment2 in
      guard let base = moment2.baseAddress else { return true }
      return Kernels.areFinite(base + (part.lowerBound - range.lowerBound), count: part.count)
    }
  }

  /// Takes a step on the parameters of `range`, or on a part of them.
  ///
  /// - Parameters:
  ///   - part: whole vectors of 16 inside `range`; nil for all of it.
  ///   - gradient: the summed gradient, from the part's first number on.
  ///   - parameters: the whole flat buffer.
  /// - Returns: the sums of the words that the step has read and written.
  @discardableResult
  public mutating func step(
    _ constants: AdamConstants, part: Range<Int>? = nil, gradient: UnsafePointer<Float>,
    parameters: UnsafeMutablePointer<Float>
  ) -> StepWordSums {
    let part = part ?? range
    let start = part.lowerBound - range.lowerBound
    return moment1.withUnsafeMutableBufferPointer { moment1 in
      moment2.withUnsafeMutableBufferPointer { moment2 in
        guard let moment1 = moment1.baseAddress, let moment2 = moment2.baseAddress else {
          return StepWordSums()
        }
        let parameters = parameters + part.lowerBound
        let decays = constants.decay > 0
        let undecayed = decays ? wordSum(parameters, count: part.count) : 0
        if decays { decayWeights(parameters, by: constants.decay, count: part.count) }
        var sums = adamStep(
          constants, gradient: gradient, parameters: parameters, moment1: moment1 + start, moment2: moment2 + start,
          count: part.count)
        if decays { sums.before[0] = undecayed }
        return sums
      }
    }
  }
}
