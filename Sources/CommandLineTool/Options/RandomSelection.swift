import Kernels

/// `count` different numbers of `0 ..< bound`, in random order.
///
/// The beginning of a Fisher-Yates shuffle, of whose table only the touched entries are kept.
func randomSelection(of count: Int, below bound: Int, seed: UInt64) -> [Int] {
  precondition(count <= bound, "\(count) different numbers below \(bound)")
  var stream = RandomStream(seed: seed, purpose: .selection)
  var moved: [Int: Int] = [:]
  return (0..<count).map { index in
    let other = index + stream.nextInteger(below: bound - index)
    let chosen = moved[other] ?? other
    moved[other] = moved[index] ?? index
    return chosen
  }
}

extension RandomPurpose {
  /// A user's random choice of rows to look at.
  fileprivate static var selection: RandomPurpose { RandomPurpose(number: 5) }
}
