import Kernels

/// The order of the rows in a data epoch: that of the file, or a permutation seeded by (seed, epoch, shard).
public struct RowOrder: Sendable {
  /// The row numbers in this order.
  public private(set) var rows: [Int32]
  private let first: Int

  /// The rows of a range in file order.
  public init(rows range: Range<Int>) {
    rows = range.map { Int32($0) }
    first = range.lowerBound
  }

  /// Shuffles the rows for a data epoch (Fisher-Yates). The result depends on (seed, epoch, shard) alone, not on the
  /// previous order.
  ///
  /// - Parameter shard: 0 to shuffle all rows together; else the number, from 1, of the shard that is shuffled by itself.
  public mutating func shuffle(seed: UInt64, epoch: Int, shard: Int = 0) {
    var stream = RandomStream(seed: seed, purpose: .permutation, epoch: epoch, row: shard)
    for index in rows.indices { rows[index] = Int32(first + index) }
    for last in stride(from: rows.count - 1, to: 0, by: -1) {
      rows.swapAt(last, stream.nextInteger(below: last + 1))
    }
  }
}

extension RandomPurpose {
  /// The order of the rows in a data epoch.
  package static var permutation: RandomPurpose { RandomPurpose(number: 2) }
}
