/// The shape of a matrix product over panels of 64 columns: C = start + A · B.
///
/// A tile of 4 rows and a few vectors of columns stays in registers while k runs in order, so each output is one chain of
/// fused multiply-adds over k, whatever the vector width. A is read element by element through two strides, so a
/// transposed A needs no copy; B is read row by row. C must not overlap A or B: a tile's columns are written before the
/// next tile reads A's rows again.
public struct ProductShape {
  /// The number of rows of A and C, a multiple of 4.
  let rows: Int
  /// The number of terms of each sum: the columns of A, the rows of B.
  let depth: Int
  /// The distance in A between rows, and between consecutive k, in elements.
  let rowStride: Int, depthStride: Int
  /// The distance between the rows of B, and between the rows of C, in elements.
  let bStride: Int, cStride: Int

  /// A product with `rows` rows and `depth` terms per sum; by default, B and C are contiguous panels.
  public init(
    rows: Int, depth: Int, rowStride: Int, depthStride: Int, bStride: Int = panelColumns, cStride: Int = panelColumns
  ) {
    self.rows = rows
    self.depth = depth
    self.rowStride = rowStride
    self.depthStride = depthStride
    self.bStride = bStride
    self.cStride = cStride
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

/// C = bias + A · B, with the same bias (64 columns) in every row.
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

/// C = C + (A · B) ∘ M: M has one row for each of the 8 samples of a micro-batch; row r of C belongs to sample r mod 8.
public func multiplyMaskedAccumulating(
  _ shape: ProductShape, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, mask: UnsafePointer<Float>,
  into c: UnsafeMutablePointer<Float>
) {
  forEachTile(
    shape, a, b, start: { _, _ in Lanes() },
    finish: { row, column, sum in
      let output = c + (row &* shape.cStride &+ column)
      let factor = Lanes.load(mask + ((row & (MicroBatch.size - 1)) &* panelColumns &+ column))
      Lanes.load(output).adding(product: sum, factor).store(output)
    })
}

@usableFromInline let tileRows = 4

/// Computes a product tile by tile: `start(row, column)` returns the initial value of an output vector,
/// `finish(row, column, sum)` receives its result.
@inline(__always)
func forEachTile(
  _ shape: ProductShape, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
  start: (Int, Int) -> Lanes, finish: (Int, Int, Lanes) -> Void
) {
  let columns = Lanes.scalarCount == 8 ? 16 : 4 * Lanes.scalarCount
  var column = 0
  while column < panelColumns {
    var row = 0
    while row < shape.rows {
      let rows = a + row &* shape.rowStride
      if Lanes.scalarCount == 8 {
        tileOfTwoVectors(shape, rows, b + column, row, column, start, finish)
      } else {
        tileOfFourVectors(shape, rows, b + column, row, column, start, finish)
      }
      row &+= tileRows
    }
    column &+= columns
  }
}

/// 4 rows x 4 vectors: 16 accumulators and 4 vectors of B in the 32 registers of AVX-512 and NEON.
@inline(__always)
private func tileOfFourVectors(
  _ shape: ProductShape, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ row: Int, _ column: Int,
  _ start: (Int, Int) -> Lanes, _ finish: (Int, Int, Lanes) -> Void
) {
  let width = Lanes.scalarCount
  var c0 = InlineArray<4, Lanes> { start(row &+ $0, column) }
  var c1 = InlineArray<4, Lanes> { start(row &+ $0, column &+ width) }
  var c2 = InlineArray<4, Lanes> { start(row &+ $0, column &+ 2 &* width) }
  var c3 = InlineArray<4, Lanes> { start(row &+ $0, column &+ 3 &* width) }
  var ak = a
  var bk = b
  for _ in 0..<shape.depth {
    let b0 = Lanes.load(bk)
    let b1 = Lanes.load(bk + width)
    let b2 = Lanes.load(bk + 2 &* width)
    let b3 = Lanes.load(bk + 3 &* width)
    for r in 0..<tileRows {
      let x = Lanes(repeating: ak[r &* shape.rowStride])
      c0[r].addProduct(x, b0)
      c1[r].addProduct(x, b1)
      c2[r].addProduct(x, b2)
      c3[r].addProduct(x, b3)
    }
    ak += shape.depthStride
    bk += shape.bStride
  }
  for r in 0..<tileRows {
    finish(row &+ r, column, c0[r])
    finish(row &+ r, column &+ width, c1[r])
    finish(row &+ r, column &+ 2 &* width, c2[r])
    finish(row &+ r, column &+ 3 &* width, c3[r])
  }
}

/// 4 rows x 2 vectors: 8 accumulators and 2 vectors of B in the 16 registers of AVX2.
@inline(__always)
private func tileOfTwoVectors(
  _ shape: ProductShape, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ row: Int, _ column: Int,
  _ start: (Int, Int) -> Lanes, _ finish: (Int, Int, Lanes) -> Void
) {
  let width = Lanes.scalarCount
  var c0 = InlineArray<4, Lanes> { start(row &+ $0, column) }
  var c1 = InlineArray<4, Lanes> { start(row &+ $0, column &+ width) }
  var ak = a
  var bk = b
  for _ in 0..<shape.depth {
    let b0 = Lanes.load(bk)
    let b1 = Lanes.load(bk + width)
    for r in 0..<tileRows {
      let x = Lanes(repeating: ak[r &* shape.rowStride])
      c0[r].addProduct(x, b0)
      c1[r].addProduct(x, b1)
    }
    ak += shape.depthStride
    bk += shape.bStride
  }
  for r in 0..<tileRows {
    finish(row &+ r, column, c0[r])
    finish(row &+ r, column &+ width, c1[r])
  }
}
