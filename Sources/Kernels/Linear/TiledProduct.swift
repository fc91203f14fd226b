/// A product that is computed tile by tile: strips of a few vectors of columns from the left, each strip's rows from the
/// top.
///
/// The tile is chosen for speed alone: every choice gives the same bits. The shares of the peak were measured on Zen 5.
struct TiledProduct<Rows: Indices, Terms: Indices, Ends: TileEnds> {
  let shape: ProductShape
  let rows: Rows, terms: Terms
  let a: UnsafePointer<Float>, b: UnsafePointer<Float>
  let ends: Ends

  /// Computes all strips.
  @inline(__always)
  func compute() {
    var column = 0
    while column < shape.columns {
      let panel = b + (column / panelColumns &* shape.bPanelStride &+ column % panelColumns)
      let left = min(shape.columns &- column, panelColumns &- column % panelColumns) / Lanes.scalarCount
      let width = Lanes.scalarCount == 8 ? stripIn16(panel, column, left) : stripIn32(panel, column, left)
      column &+= width &* Lanes.scalarCount
    }
  }

  /// Computes the strip at a column of a panel that has `left` vectors from there on, in 32 registers; returns its width.
  @inline(__always)
  private func stripIn32(_ panel: UnsafePointer<Float>, _ column: Int, _ left: Int) -> Int {
    // Eight rows: 8 or 16 sums, and fewer vectors of B than numbers of A to load. With 3 vectors, 8 would leave no slack.
    switch left {
    case 1: Strip<1>.compute(self, panel, column, height: 8)
    case 2: Strip<2>.compute(self, panel, column, height: 8)
    case 3: Strip<3>.compute(self, panel, column, height: 6)
    default:
      // Four rows where the sums are short: B comes from L1, and a low tile has less to load and store before and after its
      // terms. Six where they are long, as in gradients of weights: B comes from L2 and is read a third less often (95
      // instead of 80 % of the peak for LSTM(128)). So with gathered rows, where B's few rows lie far apart.
      Strip<4>.compute(self, panel, column, height: shape.depth >= 96 || !Rows.areAll ? 6 : 4)
      return 4
    }
    return left
  }

  /// The same in 16 registers.
  @inline(__always)
  private func stripIn16(_ panel: UnsafePointer<Float>, _ column: Int, _ left: Int) -> Int {
    // Six rows: 12 sums. Of the 8 rows of a micro-batch they would leave tiles with 8 sums, which wait for each other, where
    // four rows and three vectors have 12 (94 instead of 90 % of the peak). Four vectors are better halved than 3 and 1.
    if (left == 3 || left > 4) && (shape.rows <= 4 || shape.rows == 8) {
      Strip<3>.compute(self, panel, column, height: 4)
      return 3
    }
    Strip<2>.compute(self, panel, column, height: 6)
    return 2
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
    _ product: TiledProduct<Rows, Terms, Ends>, _ panel: UnsafePointer<Float>, _ column: Int, height: Int
  ) {
    var row = 0
    while row < product.shape.rows {
      let next = next(product.shape.rows &- row, height: height)
      switch next {
      case 1: Tile<1, vectors>.compute(product, panel, row: row, column: column)
      case 2: Tile<2, vectors>.compute(product, panel, row: row, column: column)
      case 3: Tile<3, vectors>.compute(product, panel, row: row, column: column)
      case 4: Tile<4, vectors>.compute(product, panel, row: row, column: column)
      case 5 where tallest > 4: Tile<5, vectors>.compute(product, panel, row: row, column: column)
      case 6 where tallest > 4: Tile<6, vectors>.compute(product, panel, row: row, column: column)
      case 7 where tallest > 6: Tile<7, vectors>.compute(product, panel, row: row, column: column)
      case 8 where tallest > 6: Tile<8, vectors>.compute(product, panel, row: row, column: column)
      default: preconditionFailure("no tile has \(next) rows")
      }
      row &+= next
    }
  }
}
