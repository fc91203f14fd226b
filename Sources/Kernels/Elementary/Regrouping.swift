/// A sample's numbers as they lie in memory: rows of `length` numbers, which begin `stride` numbers apart.
public struct SampleRows {
  let length: Int, stride: Int

  /// Rows of `length` numbers, `stride` numbers apart.
  public init(length: Int, stride: Int) {
    self.length = length
    self.stride = stride
  }
}

/// Copies the `count` numbers of a sample, one row after the other, into rows of another length: a reshape that keeps the
/// row-major order.
public func regroupRows(
  _ source: UnsafePointer<Float>, _ sourceRows: SampleRows, into target: UnsafeMutablePointer<Float>,
  _ targetRows: SampleRows, count: Int
) {
  var (from, to) = ((row: 0, column: 0), (row: 0, column: 0))
  var rest = count
  while rest > 0 {
    // The longest piece that is in one row here and there.
    let piece = min(sourceRows.length &- from.column, targetRows.length &- to.column, rest)
    copyNumbers(
      source + (from.row &* sourceRows.stride &+ from.column),
      into: target + (to.row &* targetRows.stride &+ to.column), count: piece)
    from.column &+= piece
    to.column &+= piece
    rest &-= piece
    if from.column == sourceRows.length { from = (from.row &+ 1, 0) }
    if to.column == targetRows.length { to = (to.row &+ 1, 0) }
  }
}

/// Copies `count` numbers, any count: whole vectors, the last of which may overlap the one before.
@inline(__always)
public func copyNumbers(_ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, count: Int) {
  guard count >= Lanes.scalarCount else {
    for at in 0..<count { target[at] = source[at] }
    return
  }
  let last = count &- Lanes.scalarCount
  var at = 0
  while at < last {
    Lanes.load(source + at).store(target + at)
    at &+= Lanes.scalarCount
  }
  Lanes.load(source + last).store(target + last)
}
