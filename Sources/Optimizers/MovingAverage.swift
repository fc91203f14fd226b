import Kernels

/// An exponential moving average of a range of the parameters over the steps, for evaluation in their stead.
///
///     average += (θ - average) (1 - d_t)        d_t = min(decay, t / (t + 9)) after t earlier steps
///
/// The first step's parameters begin it, as in Keras. The decay then grows to its value instead of being it at once (as
/// TensorFlow's `ExponentialMovingAverage` has it with `num_updates`): the average of the first epochs is of recent
/// parameters and not of the untrained first ones, and nothing has to be corrected when it is read.
public struct MovingAverage: Sendable {
  /// The parameters that this is the average of; whole vectors of 16.
  public let range: Range<Int>
  /// The decay in the long run.
  public let decay: Double
  /// The average; zeros before the first step.
  public package(set) var values: [Float]

  /// The average before the first step.
  public init(range: Range<Int>, decay: Double) {
    self.range = range
    self.decay = decay
    values = [Float](repeating: 0, count: range.count)
  }

  /// 1 - d_t for the step number `step`, counted from 1.
  public func rate(step: Int) -> Float {
    let earlier = Double(step - 1)
    return Float(1 - min(decay, earlier / (earlier + 9)))
  }

  /// Takes the parameters of `part` (whole vectors of 16 inside `range`) as a step has left them.
  ///
  /// - Parameter parameters: the whole flat buffer.
  public mutating func follow(_ parameters: UnsafePointer<Float>, part: Range<Int>, rate: Float) {
    values.withUnsafeMutableBufferPointer { values in
      guard let values = values.baseAddress else { return }
      moveAverage(
        values + (part.lowerBound - range.lowerBound), towards: parameters + part.lowerBound, rate: rate,
        count: part.count)
    }
  }
}
