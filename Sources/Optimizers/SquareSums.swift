import Kernels

/// The sums of the squares of a vector's groups of 16 numbers: what is left to do for the norm of a vector of which each
/// worker has a slice.
public struct SquareSums: Sendable {
  /// The numbers of a group.
  public static let group = 16

  /// The sum of each group.
  public private(set) var sums: [Double]

  /// Room for the groups of `count` numbers, whole vectors of 16.
  public init(count: Int) {
    sums = [Double](repeating: 0, count: count / Self.group)
  }

  /// Takes the numbers, as many as there is room for.
  public mutating func measure(_ values: UnsafePointer<Float>) {
    let count = sums.count * Self.group
    sums.withUnsafeMutableBufferPointer { sums in
      if let sums = sums.baseAddress { squareSums(values, into: sums, count: count) }
    }
  }
}
