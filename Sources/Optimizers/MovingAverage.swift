import Kernels

/// An exponential moving average (EMA) of a range of the parameters over the training steps, evaluated in their place.
///
///     average += (θ - average) (1 - d_t)        d_t = min(decay, t / (t + 9)) after t earlier steps
///
/// It starts with the parameters after the first step, as in Keras. The decay then rises to its final value, as in
/// TensorFlow's `ExponentialMovingAverage` with `num_updates`. So in the first epochs the average is over recent
/// parameters and not over the untrained first ones, and it needs no bias correction.
public struct MovingAverage: Sendable {
  /// The range of parameters; both bounds are multiples of 16.
  public let range: Range<Int>
  /// The final decay.
  public let decay: Double
  /// The average, `range.count` numbers; zeros before the first step.
  public package(set) var values: [Float]

  /// The average before the first step: zeros.
  public init(range: Range<Int>, decay: Double) {
    self.range = range
    self.decay = decay
    values = [Float](repeating: 0, count: range.count)
  }

  /// 1 - d_t for training step `step`, counted from 1.
  public func rate(step: Int) -> Float {
    let earlier = Double(step - 1)
    return Float(1 - min(decay, earlier / (earlier + 9)))
  }

  /// Updates the average with the parameters after a step.
  ///
  /// - Parameters:
  ///   - parameters: the whole flat buffer of parameters.
  ///   - part: the part of `range` to update; its bounds are multiples of 16.
  ///   - rate: 1 - d_t, from `rate(step:)`.
  public mutating func follow(_ parameters: UnsafePointer<Float>, part: Range<Int>, rate: Float) {
    values.withUnsafeMutableBufferPointer { values in
      guard let values = values.baseAddress else { return }
      moveAverage(
        values + (part.lowerBound - range.lowerBound), towards: parameters + part.lowerBound, rate: rate,
        count: part.count)
    }
  }
}
