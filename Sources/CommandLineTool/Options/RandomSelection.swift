import Kernels

/// So many different numbers of `0 ..< bound`, drawn in the order in which they are shown.
///
/// The beginning of a Fisher-Yates shuffle, of whose table only the places that were touched are kept.
func randomSelection(of count: Int, below bound: Int, seed: UInt64) -> [Int] {
  precondition(count <= bound, "\(count) different numbers below \(bound)")
  var stream = RandomStream(seed: seed, purpose: .selection)
  var moved: [Int: Int] = [:]
  return (0..<count).map { place in
    let other = place + stream.nextInteger(below: bound - place)
    let chosen = moved[other] ?? other
    moved[other] = moved[place] ?? place
    return chosen
  }
}

extension RandomPurpose {
  /// A user's random choice of rows to look at.
  fileprivate static var selection: RandomPurpose { RandomPurpose(number: 5) }
}
