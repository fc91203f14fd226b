import Kernels

/// The order in which an epoch visits rows: the file's, or a permutation seeded by (seed, epoch, shard).
public struct RowOrder: Sendable {
  /// The rows' numbers, in the order of the visit.
  public private(set) var rows: [Int32]
  private let first: Int

  /// The rows of a range in the file's order.
  public init(rows range: Range<Int>) {
    rows = range.map { Int32($0) }
    first = range.lowerBound
  }

  /// Draws the order of an epoch, by Fisher and Yates: a function of the key alone, whatever the order was before.
  ///
  /// - Parameter shard: 0 for an order of all rows; else the number, from 1, of the shard that is permuted by itself.
  public mutating func shuffle(seed: UInt64, epoch: Int, shard: Int = 0) {
    var stream = RandomStream(seed: seed, purpose: .permutation, epoch: epoch, row: shard)
    for place in rows.indices { rows[place] = Int32(first + place) }
    for last in stride(from: rows.count - 1, to: 0, by: -1) {
      rows.swapAt(last, stream.nextInteger(below: last + 1))
    }
  }
}

extension RandomPurpose {
  /// The order of the rows in an epoch.
  package static var permutation: RandomPurpose { RandomPurpose(number: 2) }
}
