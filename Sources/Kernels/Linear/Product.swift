/// The shape of a matrix product C = start + A · B.
///
/// A tile of a few rows and vectors of columns stays in registers while k runs in order, so each output is one chain of
/// fused multiply-adds over k, whatever the vector width and the tile. A is read element by element through two strides,
/// so a transposed A needs no copy; B is read row by row, in panels of 64 columns. C must not overlap A or B: a tile's
/// columns are written before the next tile reads A's rows again.
public struct ProductShape {
  /// The number of rows of A and C.
  let rows: Int
  /// The number of columns of B and C, a multiple of 16.
  let columns: Int
  /// The number of terms of each sum: the columns of A, the rows of B.
  let depth: Int
  /// The distance in A between rows, and between consecutive k, in elements.
  let rowStride: Int, depthStride: Int
  /// The distance between the rows of B, and between its panels of 64 columns, in elements.
  let bStride: Int, bPanelStride: Int
  /// The distance between the rows of C, in elements.
  let cStride: Int

  /// A product with `rows` rows, `columns` columns and `depth` terms per sum.
  ///
  /// By default, the rows of B and of C are `columns` numbers apart.
  public init(
    rows: Int, columns: Int = panelColumns, depth: Int, rowStride: Int, depthStride: Int, bStride: Int? = nil,
    bPanelStride: Int = panelColumns, cStride: Int? = nil
  ) {
    self.rows = rows
    self.columns = columns
    self.depth = depth
    self.rowStride = rowStride
    self.depthStride = depthStride
    self.bStride = bStride ?? columns
    self.bPanelStride = bPanelStride
    self.cStride = cStride ?? columns
  }
}

/// C = A · B.
public func multiply(
  _ shape: ProductShape, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>
) {
  forEachTile(
    shape, a, b, start: { _, _ in Lanes() },
    finish: { row, column, sum in sum.store(c + (row &* shape.cStride &+ column)) })
}

/// C = bias + A · B, with the same bias in every row.
public func multiply(
  _ shape: ProductShape, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, bias: UnsafePointer<Float>,
  into c: UnsafeMutablePointer<Float>
) {
  forEachTile(
    shape, a, b, start: { _, column in Lanes.load(bias + column) },
    finish: { row, column, sum in sum.store(c + (row &* shape.cStride &+ column)) })
}

/// C = C + A · B: each chain of multiply-adds starts from the value in C.
public func multiplyAccumulating(
  _ shape: ProductShape, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>
) {
  forEachTile(
    shape, a, b, start: { row, column in Lanes.load(c + (row &* shape.cStride &+ column)) },
    finish: { row, column, sum in sum.store(c + (row &* shape.cStride &+ column)) })
}

/// C = C + (A · B) ∘ M: M has one row, as far apart as C's, for each of the 8 samples of a micro-batch; row r of C
/// belongs to sample r mod 8.
public func multiplyMaskedAccumulating(
  _ shape: ProductShape, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, mask: UnsafePointer<Float>,
  into c: UnsafeMutablePointer<Float>
) {
  forEachTile(
    shape, a, b, start: { _, _ in Lanes() },
    finish: { row, column, sum in
      let output = c + (row &* shape.cStride &+ column)
      let factor = Lanes.load(mask + ((row & (MicroBatch.size - 1)) &* shape.cStride &+ column))
      Lanes.load(output).adding(product: sum, factor).store(output)
    })
}

/// Computes a product tile by tile: `start(row, column)` returns the initial value of an output vector,
/// `finish(row, column, sum)` receives its result.
///
/// The columns are covered from the left by the widest tiles that fit, then the rows of each strip by the tallest.
@inline(__always)
func forEachTile(
  _ shape: ProductShape, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
  start: (Int, Int) -> Lanes, finish: (Int, Int, Lanes) -> Void
) {
  var column = 0
  while column < shape.columns {
    let panel = b + (column / panelColumns &* shape.bPanelStride &+ column % panelColumns)
    let vectors = min(shape.columns &- column, panelColumns) / Lanes.scalarCount
    if Lanes.scalarCount == 8 {
      // 16 registers: 8 accumulators.
      strip(shape, a, panel, column, (Tile<4, 2>.self, Tile<1, 2>.self), start, finish)
      column &+= 2 &* Lanes.scalarCount
    } else if vectors >= 4 {
      // 32 registers: 16 accumulators and 4 vectors of B.
      strip(shape, a, panel, column, (Tile<4, 4>.self, Tile<1, 4>.self), start, finish)
      column &+= 4 &* Lanes.scalarCount
    } else if vectors == 3 {
      strip(shape, a, panel, column, (Tile<4, 3>.self, Tile<1, 3>.self), start, finish)
      column &+= 3 &* Lanes.scalarCount
    } else if vectors == 2 {
      strip(shape, a, panel, column, (Tile<8, 2>.self, Tile<1, 2>.self), start, finish)
      column &+= 2 &* Lanes.scalarCount
    } else {
      strip(shape, a, panel, column, (Tile<8, 1>.self, Tile<1, 1>.self), start, finish)
      column &+= Lanes.scalarCount
    }
  }
}

/// All rows of a strip of columns: tall tiles, and single rows for the rest.
@inline(__always)
private func strip<let rows: Int, let vectors: Int>(
  _ shape: ProductShape, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ column: Int,
  _ tiles: (Tile<rows, vectors>.Type, Tile<1, vectors>.Type), _ start: (Int, Int) -> Lanes,
  _ finish: (Int, Int, Lanes) -> Void
) {
  var row = 0
  while row &+ rows <= shape.rows {
    tiles.0.compute(shape, a + row &* shape.rowStride, b, row, column, start, finish)
    row &+= rows
  }
  while row < shape.rows {
    tiles.1.compute(shape, a + row &* shape.rowStride, b, row, column, start, finish)
    row &+= 1
  }
}

/// A tile of `rows` rows and `vectors` vectors of columns, all of it in registers.
private enum Tile<let rows: Int, let vectors: Int> {
  @inline(__always)
  static func compute(
    _ shape: ProductShape, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ row: Int, _ column: Int,
    _ start: (Int, Int) -> Lanes, _ finish: (Int, Int, Lanes) -> Void
  ) {
    let width = Lanes.scalarCount
    var sums = InlineArray<vectors, InlineArray<rows, Lanes>> { vector in
      InlineArray<rows, Lanes> { start(row &+ $0, column &+ vector &* width) }
    }
    var ak = a
    var bk = b
    for _ in 0..<shape.depth {
      let factors = InlineArray<vectors, Lanes> { Lanes.load(bk + $0 &* width) }
      for r in 0..<rows {
        let x = Lanes(repeating: ak[r &* shape.rowStride])
        for vector in 0..<vectors { sums[vector][r].addProduct(x, factors[vector]) }
      }
      ak += shape.depthStride
      bk += shape.bStride
    }
    for r in 0..<rows {
      for vector in 0..<vectors { finish(row &+ r, column &+ vector &* width, sums[vector][r]) }
    }
  }
}
