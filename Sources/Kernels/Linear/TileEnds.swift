/// Where the sums of a tile begin, and where their results go.
protocol TileEnds {
  /// The initial value of a vector of outputs.
  ///
  /// - Parameters:
  ///   - output: its place in C.
  ///   - column: its first column.
  func start(_ output: Int, column: Int) -> Lanes

  /// Takes the result of a vector of outputs.
  func finish(_ output: Int, row: Int, column: Int, _ sum: Lanes)
}

/// C = A · B.
struct FromZero: TileEnds {
  let c: UnsafeMutablePointer<Float>

  @inline(__always) func start(_ output: Int, column: Int) -> Lanes { Lanes() }
  @inline(__always) func finish(_ output: Int, row: Int, column: Int, _ sum: Lanes) { sum.store(c + output) }
}

/// C = bias + A · B.
struct FromBias: TileEnds {
  let c: UnsafeMutablePointer<Float>
  let bias: UnsafePointer<Float>

  @inline(__always) func start(_ output: Int, column: Int) -> Lanes { Lanes.load(bias + column) }
  @inline(__always) func finish(_ output: Int, row: Int, column: Int, _ sum: Lanes) { sum.store(c + output) }
}

/// C = C + A · B.
struct Accumulating: TileEnds {
  let c: UnsafeMutablePointer<Float>

  @inline(__always) func start(_ output: Int, column: Int) -> Lanes { Lanes.load(c + output) }
  @inline(__always) func finish(_ output: Int, row: Int, column: Int, _ sum: Lanes) { sum.store(c + output) }
}

/// C = C + (A · B) ∘ M, with M's rows `stride` numbers apart.
struct MaskedAccumulating: TileEnds {
  let c: UnsafeMutablePointer<Float>
  let mask: UnsafePointer<Float>
  let stride: Int

  @inline(__always) func start(_ output: Int, column: Int) -> Lanes { Lanes() }
  @inline(__always) func finish(_ output: Int, row: Int, column: Int, _ sum: Lanes) {
    let factor = Lanes.load(mask + ((row & (MicroBatch.size - 1)) &* stride &+ column))
    Lanes.load(c + output).adding(product: sum, factor).store(c + output)
  }
}
