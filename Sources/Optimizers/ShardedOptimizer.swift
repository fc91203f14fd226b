import Kernels

/// An optimizer with its state for a range of the parameters: each worker has one for its own range (ZeRO stage 1).
public struct ShardedOptimizer: Sendable {
  /// The range of parameters; both bounds are multiples of 16.
  public let range: Range<Int>
  /// The vectors of the state.
  public let state: [StateVector]
  /// Whether a step has two halves, with the tensors' norms between them.
  public let usesTensorNorms: Bool

  private var optimizer: any Optimizer
  /// The decoupled weight decay: before each step, every parameter θ loses learning rate · weightDecay · θ.
  private let weightDecay: Double
  /// Learning rate · weight decay of the step in progress.
  private var decay: Float = 0
  /// All vectors one after the other, each `range.count` numbers; after the state's, the updates where norms are used.
  private var values: [Float]

  /// The state before the first step: zeros.
  ///
  /// - Parameter weightDecay: Keras' `weight_decay`, which it has for every optimizer. All parameters decay, biases too.
  public init(_ optimizer: any Optimizer, weightDecay: Double = 0, range: Range<Int>) {
    self.optimizer = optimizer
    self.weightDecay = weightDecay
    self.range = range
    state = optimizer.state
    usesTensorNorms = optimizer.usesTensorNorms
    let count = state.count + (usesTensorNorms ? 1 : 0)
    precondition(count <= StepWordSums.mostVectors, "an optimizer has at most \(StepWordSums.mostVectors) vectors")
    values = [Float](repeating: 0, count: count * range.count)
  }

  /// The number of vectors: the state's, and that of the updates where norms are used.
  public var vectorCount: Int { state.count + (usesTensorNorms ? 1 : 0) }

  /// Begins training step `step`, counted from 1.
  public mutating func begin(step: Int, learningRate: Double) {
    optimizer.begin(step: step, learningRate: learningRate)
    decay = Float(learningRate * weightDecay)
  }

  /// Takes the step of the parameters of `range`, or of a part of it; where norms are used, after `prepare` and `use`.
  ///
  /// - Parameters:
  ///   - part: a part of `range` whose bounds are multiples of 16; nil for all of it.
  ///   - gradient: the summed gradient, starting at the first parameter of the part.
  ///   - scale: the factor from the summed to the mean gradient.
  ///   - parameters: the whole flat buffer of parameters.
  /// - Returns: the sums of the words that the step read and wrote.
  @discardableResult
  public mutating func update(
    _ part: Range<Int>? = nil, gradient: UnsafePointer<Float>, scale: Float, parameters: UnsafeMutablePointer<Float>
  ) -> StepWordSums {
    let decay = usesTensorNorms ? 0 : decay
    return withBlock(part ?? range, gradient, scale, parameters) { optimizer, block in
      guard decay > 0 else { return optimizer.update(block) }
      let undecayed = wordSum(block.parameters, count: block.count)
      decayWeights(block.parameters, by: decay, count: block.count)
      var sums = optimizer.update(block)
      sums.before[0] = undecayed
      return sums
    } ?? StepWordSums()
  }

  /// The first half of the step of a part, where norms are used: weight decay, the state and the updates. The parameters are as
  /// `update` takes them.
  public mutating func prepare(
    _ part: Range<Int>, gradient: UnsafePointer<Float>, scale: Float, parameters: UnsafeMutablePointer<Float>
  ) {
    let decay = decay
    withBlock(part, gradient, scale, parameters) { optimizer, block in
      if decay > 0 { decayWeights(block.parameters, by: decay, count: block.count) }
      optimizer.prepare(block)
    }
  }

  /// Takes the norms that the second half of the step needs, one of each tensor.
  public mutating func use(_ norms: [TensorNorm]) { optimizer.use(norms) }

  /// Whether the parameters of `part` are finite, and the vectors of the state that would not show there.
  ///
  /// A gradient that is not finite, or so large that its square overflows, makes such a vector infinite. Its parameter may then
  /// never change again, without any other sign, because each step is divided by infinity.
  ///
  /// - Parameter parameters: the whole flat buffer of parameters.
  public func areFinite(_ part: Range<Int>, parameters: UnsafePointer<Float>) -> Bool {
    guard Kernels.areFinite(parameters + part.lowerBound, count: part.count) else { return false }
    return optimizer.silentVectors.allSatisfy { index in
      withVector(index) { Kernels.areFinite($0 + (part.lowerBound - range.lowerBound), count: part.count) } ?? true
    }
  }

  /// Whether the state of one parameter of `range` is finite, as far as `areFinite` looks at it.
  public func isStateFinite(at place: Int) -> Bool {
    optimizer.silentVectors.allSatisfy { values[$0 * range.count + place - range.lowerBound].isFinite }
  }

  /// Reads a vector, `range.count` numbers; nil if the range is empty. The one after the state's is that of the updates.
  public func withVector<Result>(_ index: Int, _ body: (UnsafePointer<Float>) -> Result) -> Result? {
    values.withUnsafeBufferPointer { values in values.baseAddress.map { body($0 + index * range.count) } }
  }

  /// A vector of the state, `range.count` numbers.
  public subscript(index: Int) -> [Float] {
    get { Array(values[index * range.count..<(index + 1) * range.count]) }
    set {
      precondition(newValue.count == range.count, "a vector has \(range.count) numbers")
      values.replaceSubrange(index * range.count..<(index + 1) * range.count, with: newValue)
    }
  }

  @inline(__always)
  @discardableResult
  private mutating func withBlock<Result>(
    _ part: Range<Int>, _ gradient: UnsafePointer<Float>, _ scale: Float, _ parameters: UnsafeMutablePointer<Float>,
    _ body: (any Optimizer, ParameterBlock) -> Result
  ) -> Result? {
    guard !part.isEmpty else { return nil }
    let (optimizer, range) = (optimizer, range)
    return values.withUnsafeMutableBufferPointer { values in
      // Without a state there is no memory either, and nobody reads what `state` points to.
      let state = values.baseAddress.map { $0 + (part.lowerBound - range.lowerBound) } ?? parameters
      return body(
        optimizer,
        ParameterBlock(
          range: part, gradient: gradient, gradientScale: scale, parameters: parameters + part.lowerBound, state: state,
          stride: range.count))
    }
  }
}
