import Communication
import NeuralNet
import Optimizers

/// The norm of the batch's whole gradient, for clipping by it: the same bits on any layout.
///
/// Each worker sums the squares of groups of 16 numbers in its slice (`SquareSums`), all gather the groups' sums, and each
/// adds these up in the order of the vector. Slices are whole groups, so no sum knows where one ends.
package final class GradientNorm {
  /// The sum of the squares of the gradient that was measured last.
  package private(set) var sumOfSquares = 0.0

  private let communicator: any Communicator
  private let range: Range<Int>
  private let total: Int
  private let counts: [Int]
  /// Where each worker's sums are in `all`, in the order of the vector.
  private let ranges: [Range<Int>]
  private var own: SquareSums
  private var all: [Double]

  /// Makes the buffers. Collective.
  ///
  /// - Parameters:
  ///   - range: the worker's slice of the gradient; or all of it, on every worker.
  ///   - total: the length of the gradient.
  package init(_ communicator: any Communicator, range: Range<Int>, of total: Int) throws {
    self.total = total
    self.communicator = communicator
    self.range = range
    let starts = try communicator.allGather(range.lowerBound)
    let counts = try communicator.allGather(range.count / SquareSums.group)
    var ranges: [Range<Int>] = []
    var start = 0
    for count in counts {
      ranges.append(start..<start + count)
      start += count
    }
    self.counts = counts
    self.ranges = starts.indices.sorted { (starts[$0], counts[$0]) < (starts[$1], counts[$1]) }.map { ranges[$0] }
    own = SquareSums(count: range.count)
    all = [Double](repeating: 0, count: start)
  }

  /// Measures a gradient, of which this worker has its slice, or all. Collective.
  ///
  /// - Parameters:
  ///   - part: what there is of the vector, with `range` in it.
  ///   - sums: its numbers.
  package func measure(_ part: Range<Int>, _ sums: UnsafePointer<Float>) throws {
    own.measure(sums + (range.lowerBound - part.lowerBound))
    if range.count == total {
      sumOfSquares = own.sums.reduce(0, +)
      return
    }
    try own.sums.withUnsafeBufferPointer { own in
      try all.withUnsafeMutableBufferPointer { try communicator.allGather(own, into: $0, counts: counts) }
    }
    var sum = 0.0
    for range in ranges {
      for index in range { sum += all[index] }
    }
    sumOfSquares = sum
  }

  /// The factor that makes a mean gradient out of a sum over `samples`, no longer than `limit` (Keras' `global_clipnorm`).
  /// Not a number where the gradient is not finite.
  package func scale(samples: Int, limit: Double) -> Float {
    let norm = sumOfSquares.squareRoot() / Double(samples)
    guard norm.isFinite else { return .nan }
    return Float((norm > limit ? limit / norm : 1) / Double(samples))
  }
}
