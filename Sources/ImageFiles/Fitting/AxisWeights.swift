/// How the pixels of one axis are made of others: for each new pixel the first old one that it takes, and a whole-number weight for
/// this and each following. The weights of every new pixel add up to `total`.
///
/// Fewer pixels are made by averaging over the area that each covers, more by linear interpolation between the centres of the nearest
/// two. Weights are whole numbers, so that sums are exact in any order, and one division rounds at the very end.
struct AxisWeights {
  /// What the weights of each new pixel add up to.
  let total: Int
  /// For each new pixel, the first old one.
  private(set) var firsts: [Int] = []
  /// For each new pixel, where its weights begin in `weights`; then the end of the last.
  private(set) var starts: [Int] = [0]
  private(set) var weights: [Int] = []

  /// The weights from `old` pixels to `new` ones.
  init(from old: Int, to new: Int) {
    precondition(old > 0 && new > 0, "there are pixels")
    total = old >= new ? old : 2 * new
    firsts.reserveCapacity(new)
    for pixel in 0..<new {
      if old >= new { average(pixel, old, new) } else { interpolate(pixel, old, new) }
      starts.append(weights.count)
    }
  }

  /// In units of 1 / new of an old pixel, new pixel p covers [p old, (p + 1) old), and old pixel i is [i new, (i + 1) new).
  private mutating func average(_ pixel: Int, _ old: Int, _ new: Int) {
    let (begin, end) = (pixel * old, (pixel + 1) * old)
    firsts.append(begin / new)
    for index in begin / new...(end - 1) / new {
      weights.append(min(end, (index + 1) * new) - max(begin, index * new))
    }
  }

  /// The centre of new pixel p is at (p + 1/2) old / new - 1/2 among the centres of the old ones: here times 2 new. Beyond the
  /// outermost centres it is their value.
  private mutating func interpolate(_ pixel: Int, _ old: Int, _ new: Int) {
    let place = min(max(0, (2 * pixel + 1) * old - new), 2 * new * (old - 1))
    firsts.append(place / (2 * new))
    let weight = place % (2 * new)
    weights.append(2 * new - weight)
    if weight > 0 { weights.append(weight) }
  }
}
