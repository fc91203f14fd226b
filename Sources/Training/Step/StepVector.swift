import NeuralNet
import Reduction

/// The vector that a training step reduces: the gradient, and the batch's scalars appended to it.
///
/// In the shared vector the same regions hold the parameters and the scalars' sums.
struct StepVector {
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

  /// Both regions.
  let regions: VectorRegions

  /// The vector for parameters in that layout.
  init(_ layout: ParameterLayout) { regions = VectorRegions(layout.paddedCount, 16) }

  /// The gradient, or the parameters.
  var parameters: Range<Int> { regions.ranges[0] }
  /// The scalars.
  var scalars: Range<Int> { regions.ranges[1] }

  /// Where a scalar is in the vector.
  func index(_ scalar: Scalar) -> Int { scalars.lowerBound + scalar.rawValue }

  /// What of a micro-batch's vector depends on its rows and the parameters alone: the gradient, the loss and the count.
  var computed: Range<Int> { 0..<index(.stop) }
}
