import Kernels

/// The Adam optimizer with Keras' defaults. With a weight decay it is Keras' AdamW, which decays all parameters,
/// including biases. Its state is the moments (`AdamMoments`) and the number of steps taken.
public struct Adam: Sendable, Equatable {
  /// The learning rate.
  public var learningRate: Double
  /// The decay rate of the first moment.
  public var beta1 = 0.9
  /// The decay rate of the second moment.
  public var beta2 = 0.999
  /// ε, added to the denominator outside the bias correction.
  public var epsilon = 1e-7
  /// The decoupled weight decay: each step subtracts learning rate · weightDecay · θ from every parameter θ.
  public var weightDecay = 0.0

  /// Adam with Keras' defaults for the other hyperparameters.
  public init(learningRate: Double = 0.001, weightDecay: Double = 0) {
    self.learningRate = learningRate
    self.weightDecay = weightDecay
  }

  /// The constants of training step `step`, counted from 1, on a batch of `samples` samples.
  public func constants(step: Int, samples: Int) -> AdamConstants {
    let correction = (1 - power(beta2, step)).squareRoot() / (1 - power(beta1, step))
    return AdamConstants(
      gradientScale: 1 / Float(samples), oneMinusBeta1: Float(1 - beta1), oneMinusBeta2: Float(1 - beta2),
      epsilon: Float(epsilon), rate: Float(learningRate * correction), decay: Float(learningRate * weightDecay))
  }
}

/// Adam's moments for a range of the parameters, zero before the first step. Each worker holds those of its own range
/// only: sharded optimizer state (ZeRO stage 1).
public struct AdamMoments: Sendable {
  /// The range of parameters; both bounds are multiples of 16.
  public let range: Range<Int>
  /// The running mean of the gradient, `range.count` numbers.
  public package(set) var moment1: [Float]
  /// The running mean of the squared gradient, `range.count` numbers.
  public package(set) var moment2: [Float]

  /// The state before the first step.
  public init(range: Range<Int>) {
    self.range = range
    moment1 = [Float](repeating: 0, count: range.count)
    moment2 = [Float](repeating: 0, count: range.count)
  }

  /// Whether the parameters of `part` and their second moments are finite.
  ///
  /// A gradient that is not finite makes its second moment not finite. A second moment can also become infinite when the
  /// square of a gradient overflows; the parameter then never changes again, without any other sign, because each step is
  /// divided by infinity.
  ///
  /// - Parameter parameters: the whole flat buffer of parameters.
  public func areFinite(_ part: Range<Int>, parameters: UnsafePointer<Float>) -> Bool {
    guard Kernels.areFinite(parameters + part.lowerBound, count: part.count) else { return false }
    return moment2.withUnsafeBufferPointer { moment2 in
      guard let base = moment2.baseAddress else { return true }
      return Kernels.areFinite(base + (part.lowerBound - range.lowerBound), count: part.count)
    }
  }

  /// Updates the parameters of `range`, or of a part of it.
  ///
  /// - Parameters:
  ///   - part: a part of `range` whose bounds are multiples of 16; nil for all of it.
  ///   - gradient: the summed gradient, starting at the first parameter of the part.
  ///   - parameters: the whole flat buffer of parameters.
  /// - Returns: the sums of the words that the step read and wrote.
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
