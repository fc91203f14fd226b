import Kernels

/// The sums of squares of a vector's pieces, for the norms of its tensors: a piece is what a group of 16 numbers has of one
/// tensor. Slices are whole groups, so every piece lies with one worker, and added up in the order of the vector the pieces give
/// each tensor the same bits on any number of workers, although a group may straddle two tensors.
public struct TensorSquareSums: Sendable {
  /// What a range of the vector has of a tensor.
  public struct Segment: Sendable, Equatable {
    /// The tensor's index.
    public let tensor: Int
    /// Its numbers, in the vector.
    public let range: Range<Int>

    /// The number of pieces.
    public var pieces: Int { (range.upperBound - 1) / SquareSums.group - range.lowerBound / SquareSums.group + 1 }
  }

  /// The segments of the range, in order.
  public let segments: [Segment]
  /// The number of their pieces.
  public let count: Int
  private let start: Int

  /// - Parameters:
  ///   - range: the numbers that are there; its bounds are multiples of 16.
  ///   - tensors: the ranges of the vector's tensors, in order.
  public init(range: Range<Int>, tensors: [Range<Int>]) {
    segments = tensors.enumerated().compactMap { index, tensor in
      let part = tensor.clamped(to: range)
      return part.isEmpty ? nil : Segment(tensor: index, range: part)
    }
    count = segments.reduce(0) { $0 + $1.pieces }
    start = range.lowerBound
  }

  /// Computes the sums of squares.
  ///
  /// - Parameters:
  ///   - values: the vector from the range's first number on.
  ///   - sums: receives `count` sums.
  public func measure(_ values: UnsafePointer<Float>, into sums: UnsafeMutablePointer<Double>) {
    var sums = sums
    for segment in segments {
      let (first, end) = (segment.range.lowerBound, segment.range.upperBound)
      // The groups that the tensor has whole; the pieces before and after them are shorter.
      let whole = min((first + 15) / 16 * 16, end)
      let rest = max(end / 16 * 16, whole)
      if first < whole {
        sums.pointee = squareSum(values + (first - start), count: whole - first)
        sums += 1
      }
      squareSums(values + (whole - start), into: sums, count: rest - whole)
      sums += (rest - whole) / 16
      if rest < end {
        sums.pointee = squareSum(values + (rest - start), count: end - rest)
        sums += 1
      }
    }
  }
}
