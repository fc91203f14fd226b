import CTargetCPU

/// Transposes a [rows, columns] block: target, [columns, rows], receives sourceᵀ. Strides are between rows, in elements.
public func transposeBlock(
  _ source: UnsafePointer<Float>, stride sourceStride: Int, into target: UnsafeMutablePointer<Float>,
  stride targetStride: Int, rows: Int, columns: Int
) {
  let side = Lanes.scalarCount
  var row = 0
  while row < rows {
    var column = 0
    while column < columns {
      let from = source + (row &* sourceStride &+ column)
      let to = target + (column &* targetStride &+ row)
      if row &+ side <= rows && column &+ side <= columns {
        transposeSquare(from, sourceStride, to, targetStride)
      } else {
        transposeEdge(
          from, sourceStride, to, targetStride, rows: min(side, rows - row), columns: min(side, columns - column))
      }
      column &+= side
    }
    row &+= side
  }
}

/// Transposes a square with one row per lane, in registers.
///
/// Each round unzips pairs of rows into their even and odd lanes, even halves first. This moves the lowest bit of a
/// number's column index to the top of its row index; after one round per bit of the column index, row and column are
/// swapped.
@inline(__always)
private func transposeSquare(
  _ source: UnsafePointer<Float>, _ sourceStride: Int, _ target: UnsafeMutablePointer<Float>, _ targetStride: Int
) {
  let side = Lanes.scalarCount
  var rows = InlineArray<16, Lanes>(repeating: Lanes())
  for row in 0..<side { rows[row] = Lanes.load(source + row &* sourceStride) }
  var round = 1
  while round < side {
    var unzipped = rows
    for pair in 0..<side / 2 {
      unzipped[pair] = target_cpu_even_lanes(rows[2 &* pair], rows[2 &* pair &+ 1])
      unzipped[side / 2 &+ pair] = target_cpu_odd_lanes(rows[2 &* pair], rows[2 &* pair &+ 1])
    }
    rows = unzipped
    round &*= 2
  }
  for row in 0..<side { rows[row].store(target + row &* targetStride) }
}

private func transposeEdge(
  _ source: UnsafePointer<Float>, _ sourceStride: Int, _ target: UnsafeMutablePointer<Float>, _ targetStride: Int,
  rows: Int, columns: Int
) {
  for column in 0..<columns {
    for row in 0..<rows { target[column &* targetStride &+ row] = source[row &* sourceStride &+ column] }
  }
}
