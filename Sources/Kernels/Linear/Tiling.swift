/// Computes a product tile by tile: strips of a few vectors of columns from the left, each strip's rows from the top.
///
/// The tile is chosen for speed alone: every choice gives the same bits. The percentages are FLOP utilisation on Zen 5.
///
/// The parts of a product are parameters, not a value of their own: reading the copy of the shape in it would wait until the
/// product before has ended.
@inline(__always)
func computeTiles<Rows: Indices, Terms: Indices, Ends: TileEnds>(
  _ shape: ProductShape, rows: Rows = InOrder(), terms: Terms = InOrder(), _ a: UnsafePointer<Float>,
  _ b: UnsafePointer<Float>, _ ends: Ends
) {
  var column = 0
  while column < shape.columns {
    let panel = b + (column / panelColumns &* shape.bPanelStride &+ column % panelColumns)
    let left = min(shape.columns &- column, panelColumns &- column % panelColumns) / Lanes.scalarCount
    var width = left
    if Lanes.scalarCount == 8 {
      // 16 registers. Six rows and two vectors: 12 sums. Of the 8 rows of a micro-batch they would leave tiles with 8 sums,
      // which wait for each other, where four rows and three vectors have 12 (94 instead of 90 %). Four vectors
      // are better halved than 3 and 1.
      if (left == 3 || left > 4) && (shape.rows <= 4 || shape.rows == 8) {
        width = 3
        Strip<3>.compute(shape, rows, terms, a, panel, ends, column: column, height: 4)
      } else {
        width = 2
        Strip<2>.compute(shape, rows, terms, a, panel, ends, column: column, height: 6)
      }
    } else if left >= 4 {
      // 32 registers. Four rows where the sums are short: B comes from L1, and a low tile has less to load and store before
      // and after its terms. Six where they are long, as in gradients of weights: B comes from L2 and is read a third less
      // often (95 instead of 80 % for LSTM(128)). So with gathered rows, where B's few rows lie far apart.
      width = 4
      let isTall = shape.depth >= 96 || !Rows.areAll
      Strip<4>.compute(shape, rows, terms, a, panel, ends, column: column, height: isTall ? 6 : 4)
    } else if left == 3 {
      Strip<3>.compute(shape, rows, terms, a, panel, ends, column: column, height: 6)
    } else if left == 2 {
      // Eight rows: 16 sums, or 8.
      Strip<2>.compute(shape, rows, terms, a, panel, ends, column: column, height: 8)
    } else {
      Strip<1>.compute(shape, rows, terms, a, panel, ends, column: column, height: 8)
    }
    column &+= width &* Lanes.scalarCount
  }
}

/// A strip of columns, `vectors` vectors wide.
private enum Strip<let vectors: Int> {
  /// The tallest tile whose sums, vectors of B and number of A fit the registers.
  private static var tallest: Int {
    @inline(__always) get { Lanes.scalarCount == 8 ? (vectors > 2 ? 4 : 6) : (vectors > 2 ? 6 : 8) }
  }

  /// The height of the next tile, where `left` rows are left and `height` is that of most tiles. The last rows are one tile,
  /// or two of about the same height: single rows would wait for their own sums.
  @inline(__always)
  private static func next(_ left: Int, height: Int) -> Int {
    if left >= 2 &* height &- 1 { return height }
    return left <= height || left == 5 && tallest > 4 ? left : (left &+ 1) / 2
  }

  /// Computes the strip by tiles of `height` rows (4, 6 or 8) and lower ones for the last rows.
  @inline(__always)
  static func compute<Rows: Indices, Terms: Indices, Ends: TileEnds>(
    _ shape: ProductShape, _ rows: Rows, _ terms: Terms, _ a: UnsafePointer<Float>, _ panel: UnsafePointer<Float>,
    _ ends: Ends, column: Int, height: Int
  ) {
    var row = 0
    while row < shape.rows {
      let next = next(shape.rows &- row, height: height)
      switch next {
      case 1: Tile<1, vectors>.compute(shape, rows, terms, a, panel, ends, row: row, column: column)
      case 2: Tile<2, vectors>.compute(shape, rows, terms, a, panel, ends, row: row, column: column)
      case 3: Tile<3, vectors>.compute(shape, rows, terms, a, panel, ends, row: row, column: column)
      case 4: Tile<4, vectors>.compute(shape, rows, terms, a, panel, ends, row: row, column: column)
      case 5 where tallest > 4: Tile<5, vectors>.compute(shape, rows, terms, a, panel, ends, row: row, column: column)
      case 6 where tallest > 4: Tile<6, vectors>.compute(shape, rows, terms, a, panel, ends, row: row, column: column)
      case 7 where tallest > 6: Tile<7, vectors>.compute(shape, rows, terms, a, panel, ends, row: row, column: column)
      case 8 where tallest > 6: Tile<8, vectors>.compute(shape, rows, terms, a, panel, ends, row: row, column: column)
      default: preconditionFailure("no tile has \(next) rows")
      }
      row &+= next
    }
  }
}
