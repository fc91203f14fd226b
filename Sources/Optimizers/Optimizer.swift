import Kernels

/// A rule by which a gradient changes the parameters, with the semantics of Keras' optimizer of the same name.
///
/// It holds the hyperparameters and the constants of the step in progress, and no state: that is a few vectors beside the
/// parameters, of which each worker keeps its own range (`ShardedOptimizer`). A step is elementwise, so its bits do not depend on
/// the ranges. An optimizer that needs the norms of whole tensors takes it in two halves (`usesTensorNorms`).
public protocol Optimizer: Sendable {
  /// The vectors of its state, which begin with zeros; at most `StepWordSums.mostVectors` with the scratch vector.
  var state: [StateVector] { get }

  /// The vectors of the state that can stop being finite without making a parameter so; by their indices.
  var silentVectors: Range<Int> { get }

  /// Whether `update` needs the norms of every tensor and of its update, which `prepare` leaves in the vector after the state's.
  var usesTensorNorms: Bool { get }

  /// Begins training step `step`, counted from 1.
  mutating func begin(step: Int, learningRate: Double)

  /// The first half of a step of a block, where norms are used: the state and the updates; no parameter changes.
  func prepare(_ block: ParameterBlock)

  /// Takes the norms of the step in progress, one of each tensor.
  mutating func use(_ norms: [TensorNorm])

  /// Steps the parameters of a block, and its state unless `prepare` has.
  ///
  /// - Returns: the sums of the words that the step read and wrote.
  func update(_ block: ParameterBlock) -> StepWordSums
}

extension Optimizer {
  /// No.
  public var usesTensorNorms: Bool { false }
  /// Does nothing: there is one half only.
  public func prepare(_ block: ParameterBlock) {}
  /// Ignores them.
  public mutating func use(_ norms: [TensorNorm]) {}
}

/// A vector of an optimizer's state: a number for each parameter.
public struct StateVector: Sendable, Equatable {
  /// Its name in checkpoints, e.g. `adam/moment1`.
  public let name: String
  /// What it is called in messages, e.g. `Adam's first moments`.
  public let description: String

  /// A vector with these names.
  public init(_ name: String, _ description: String) {
    self.name = name
    self.description = description
  }
}

/// The sums of squares that make the norms of a tensor and of its update.
public struct TensorNorm: Sendable, Equatable {
  /// Of the parameters.
  public var parameters = 0.0
  /// Of their updates.
  public var updates = 0.0

  /// Norms of zeros.
  public init() {}

  /// ‖θ‖ / ‖u‖; 1 where one of them is zero, or the update is not a number.
  var ratio: Double { parameters > 0 && updates > 0 ? parameters.squareRoot() / updates.squareRoot() : 1 }
}

/// What a step works on: a block of the parameters, and the block's part of every vector beside them.
public struct ParameterBlock {
  /// The block's indices in the layout; both bounds are multiples of 16.
  public let range: Range<Int>
  /// The block's summed gradient.
  let gradient: UnsafePointer<Float>
  /// The factor from the summed to the mean gradient, clipped where that is asked for.
  let gradientScale: Float
  /// The block's parameters.
  let parameters: UnsafeMutablePointer<Float>
  /// The block's part of the state's first vector; those of the next ones follow at a distance of `stride` each.
  let state: UnsafeMutablePointer<Float>
  let stride: Int

  /// The number of parameters.
  var count: Int { range.count }

  /// The block's part of a vector of the state.
  func vector(_ index: Int) -> UnsafeMutablePointer<Float> { state + index * stride }

  /// Takes a step, and sums the words of the parameters and of the first `vectors` vectors before and after it, which are in the
  /// first-level cache.
  func summed(vectors: Int, _ step: () -> Void) -> StepWordSums {
    let before = wordSums(vectors)
    step()
    return StepWordSums(before: before, after: wordSums(vectors))
  }

  private func wordSums(_ vectors: Int) -> SIMD8<UInt32> {
    var sums = SIMD8<UInt32>()
    sums[0] = wordSum(parameters, count: count)
    for index in 0..<vectors { sums[1 + index] = wordSum(vector(index), count: count) }
    return sums
  }
}
