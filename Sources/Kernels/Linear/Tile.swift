/// The rows or the terms of a product: all of them, or a list.
protocol Indices {
  /// `stride` times the number of the row or term that comes `r` after the one at `first`.
  func offset(_ first: Int, _ r: Int, stride: Int) -> Int

  /// Whether they are all of them.
  static var areAll: Bool { get }
}

/// All of them.
struct InOrder: Indices {
  static var areAll: Bool { true }

  /// Two products, so that r · stride is computed once for all tiles.
  @inline(__always) func offset(_ first: Int, _ r: Int, stride: Int) -> Int { first &* stride &+ r &* stride }
}

/// Those whose numbers are in a list.
struct Listed: Indices {
  static var areAll: Bool { false }

  let list: UnsafePointer<Int32>

  @inline(__always) func offset(_ first: Int, _ r: Int, stride: Int) -> Int { Int(list[first &+ r]) &* stride }
}

/// A tile of `height` rows and `vectors` vectors of columns, all of it in registers.
///
/// In each round, a vector of B serves `height` multiply-adds, and a number of A `vectors` of them. At least 8 sums are
/// needed to hide the latency of a multiply-add where there are two units and four cycles, and 12 to leave some slack.
enum Tile<let height: Int, let vectors: Int> {
  /// Computes the tile that begins at a row and a column, with B's `panel` from that column on.
  @inline(__always)
  static func compute<Rows: Indices, Terms: Indices, Ends: TileEnds>(
    _ shape: ProductShape, _ rows: Rows, _ terms: Terms, _ a: UnsafePointer<Float>, _ panel: UnsafePointer<Float>,
    _ ends: Ends, row: Int, column: Int
  ) {
    let width = Lanes.scalarCount
    var sums = InlineArray<height, InlineArray<vectors, Lanes>>(repeating: InlineArray(repeating: Lanes()))
    forEachRow { r in
      let output = rows.offset(row, r, stride: shape.cStride) &+ column
      for v in 0..<vectors { sums[r][v] = ends.start(output &+ v &* width, column: column &+ v &* width) }
    }
    for term in 0..<shape.depth {
      let ak = a + terms.offset(term, 0, stride: shape.depthStride)
      let bk = panel + terms.offset(term, 0, stride: shape.bStride)
      let factors = InlineArray<vectors, Lanes> { Lanes.load(bk + $0 &* width) }
      forEachRow { r in
        let x = Lanes(repeating: ak[rows.offset(row, r, stride: shape.rowStride)])
        for v in 0..<vectors { sums[r][v].addProduct(x, factors[v]) }
      }
    }
    forEachRow { r in
      let output = rows.offset(row, r, stride: shape.cStride) &+ column
      for v in 0..<vectors {
        ends.finish(output &+ v &* width, row: row &+ r, column: column &+ v &* width, sums[r][v])
      }
    }
  }

  /// Calls `body` for each row, in loops so short that the compiler unrolls them: else the sums would lie in memory.
  @inline(__always)
  private static func forEachRow(_ body: (Int) -> Void) {
    for r in 0..<min(height, 4) { body(r) }
    if height > 4 { for r in 4..<height { body(r) } }
  }
}
