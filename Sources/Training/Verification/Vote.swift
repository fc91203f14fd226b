/// What several copies of the same thing say, and which of them are in the minority.
package struct Vote<Value: Hashable> {
  /// The value that more copies have than any other; nil where two have equally many.
  package let winner: Value?
  /// The copies with another value than the winner; all of them where nobody wins.
  package let losers: [Int]

  /// - Parameter votes: what each copy has.
  package init(_ votes: [Value]) {
    let counts = Dictionary(votes.map { ($0, 1) }, uniquingKeysWith: +)
    let most = counts.values.max() ?? 0
    let leaders = counts.filter { $0.value == most }.keys
    let winner = leaders.count == 1 ? leaders.first : nil
    self.winner = winner
    losers = votes.indices.filter { votes[$0] != winner }
  }
}
