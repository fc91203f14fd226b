import Platform

/// The rows that a user wants to see: named ones, or a number of random ones.
struct RowSelection {
  /// The named rows, from 0; empty for random ones.
  var named: [Int]
  /// How many random rows; nil for `usual`.
  var random: Int?
  /// How many random rows where nothing is asked for; all rows, in their order, for `Int.max`.
  var usual: Int
  /// The seed of the choice.
  var seed: UInt64

  /// The rows of a source with `count` rows.
  func rows(of count: Int, source: String) throws -> [Int] {
    if let row = named.first(where: { $0 >= count }) {
      throw Failure(
        .usage, "--row is \(row), but \(source) has \(counted(count, "row")): 0\(count > 1 ? " to \(count - 1)" : "")")
    }
    guard named.isEmpty else { return named }
    if random == nil, usual == .max { return Array(0..<count) }
    let wanted = random ?? min(usual, count)
    guard wanted <= count else {
      throw Failure(.usage, "--random is \(wanted), but \(source) has only \(counted(count, "row"))")
    }
    return randomSelection(of: wanted, below: count, seed: seed)
  }
}
