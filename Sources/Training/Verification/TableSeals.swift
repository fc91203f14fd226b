import Datasets
import Kernels

/// Digests of a table's rows as they were when they had been loaded. Nothing changes them afterwards: a block that has another
/// digest later was changed by the memory that holds it.
///
/// The workers that share a table share the work: each has the blocks of its own number.
struct TableSeals {
  /// The bytes of a block: the pixels of 16 rows.
  static func blockLength(_ table: RowTable) -> Int { 16 * table.format.count }

  /// What the table is called in messages.
  let name: String
  private let table: RowTable
  private let digests: [UInt64]

  /// Takes the digests of this worker's blocks.
  init(_ table: RowTable, name: String) {
    self.name = name
    self.table = table
    digests = Self.blocks(table).map { Self.digest(table, $0) }
  }

  /// The bytes of the first block of this worker that is not what it was; nil if all are.
  func firstBroken() -> Range<Int>? {
    for (block, digest) in zip(Self.blocks(table), digests) where Self.digest(table, block) != digest {
      return Self.bytes(block, table)
    }
    return nil
  }

  /// This worker's part of the digest of the whole table: the parts' sum does not depend on how many share it.
  var part: UInt64 {
    zip(Self.blocks(table), digests).reduce(0) { $0 &+ (UInt64($1.0) &* 2 &+ 1) &* ($1.1 ^ $1.1 >> 29) }
  }

  /// What lies in those bytes of the table, in words.
  func describe(_ bytes: Range<Int>) -> String {
    let pixels = table.readable.count * table.format.count
    let first = table.readable.lowerBound
    guard bytes.lowerBound < pixels else { return "the labels of the \(name) rows" }
    let last = min(bytes.upperBound, pixels) - 1
    return "the pixels of \(name) rows \(first + bytes.lowerBound / table.format.count) to "
      + "\(first + last / table.format.count)"
  }

  private static func blocks(_ table: RowTable) -> StrideTo<Int> {
    let count = (table.contents.count + blockLength(table) - 1) / blockLength(table)
    return stride(from: table.sharers.own, to: count, by: table.sharers.count)
  }

  private static func bytes(_ block: Int, _ table: RowTable) -> Range<Int> {
    block * blockLength(table)..<min((block + 1) * blockLength(table), table.contents.count)
  }

  private static func digest(_ table: RowTable, _ block: Int) -> UInt64 {
    let bytes = bytes(block, table)
    guard let start = table.contents.baseAddress else { return 0 }
    return memoryDigest(start + bytes.lowerBound, byteCount: bytes.count)
  }
}
