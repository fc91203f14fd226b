import NeuralNet
import Reduction

/// The vector that a training step reduces: the gradient, and the batch's scalars appended to it.
///
/// In the shared vector the same regions hold the parameters and the scalars' sums.
enum StepVector {
  /// The scalars, each a sum over the batch.
  enum Scalar: Int {
    /// The loss, and the samples whose prediction was right.
    case loss, correct
    /// Above zero if a worker was asked to stop.
    case stop
    /// Above zero if a worker's slice of the state is not what it had left.
    case corrupted
    /// Above zero if a worker's clock says that the time of the run is over.
    case overtime
  }

  static let regions = VectorRegions(NetworkDefinition.layout.paddedCount, 16)

  /// The gradient, or the parameters.
  static let parameters = regions.ranges[0]
  /// The scalars.
  static let scalars = regions.ranges[1]

  /// Where a scalar is in the vector.
  static func index(_ scalar: Scalar) -> Int { scalars.lowerBound + scalar.rawValue }

  /// What of a micro-batch's vector depends on its rows and the parameters alone: the gradient, the loss and the count.
  static let computed = 0..<index(.stop)
}
