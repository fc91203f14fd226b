import Kernels

/// The sums of squares of a vector's groups of 16 numbers. Summed over all groups they give the square of the norm of a
/// vector that is sharded over workers, with the same bits for any number of workers.
public struct SquareSums: Sendable {
  /// The number of elements per group.
  public static let group = 16

  /// The sum of squares of each group.
  public private(set) var sums: [Double]

  /// Zeros for the groups of `count` numbers (a multiple of 16).
  public init(count: Int) {
    sums = [Double](repeating: 0, count: count / Self.group)
  }

  /// Computes the sums of squares of 16 · `sums.count` numbers.
  public mutating func measure(_ values: UnsafePointer<Float>) {
    let count = sums.count * Self.group
    sums.withUnsafeMutableBufferPointer { sums in
      if let sums = sums.baseAddress { squareSums(values, into: sums, count: count) }
    }
  }
}
