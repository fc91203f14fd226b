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
        target_cpu_transpose(from, sourceStride, to, targetStride)
      } else {
        transposeEdge(
          from, sourceStride, to, targetStride, rows: min(side, rows - row), columns: min(side, columns - column))
      }
      column &+= side
    }
    row &+= side
  }
}

private func transposeEdge(
  _ source: UnsafePointer<Float>, _ sourceStride: Int, _ target: UnsafeMutablePointer<Float>, _ targetStride: Int,
  rows: Int, columns: Int
) {
  for column in 0..<columns {
    for row in 0..<rows { target[column &* targetStride &+ row] = source[row &* sourceStride &+ column] }
  }
}
