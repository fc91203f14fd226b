/// The shape of a product that leaves out some channels: those of a sample that dropout has zeroed.
///
/// A has a row for each step of the sample's sequence, and the listed channels are the same in all of them, so leaving one
/// out saves its multiply-adds everywhere and changes no bit: a term 0 · w adds nothing.
public struct GatheredShape {
  /// The number of steps: the rows of A.
  let steps: Int
  /// The number of columns of B and C, a multiple of 16.
  let columns: Int
  /// The distance between the steps of A, between the rows of B, and between the rows of C, in elements.
  let aStride: Int, bStride: Int, cStride: Int
  /// The distance between the panels of 64 columns of B, in elements.
  let bPanelStride: Int

  /// A product over `steps` steps with `columns` columns.
  public init(
    steps: Int, columns: Int, aStride: Int, bStride: Int, bPanelStride: Int = panelColumns, cStride: Int
  ) {
    self.steps = steps
    self.columns = columns
    self.aStride = aStride
    self.bStride = bStride
    self.bPanelStride = bPanelStride
    self.cStride = cStride
  }
}

/// The channels that take part in a gathered product, in ascending order.
public struct ChannelList {
  /// Their numbers.
  let channels: UnsafePointer<Int32>
  /// How many there are.
  let count: Int

  /// A list of `count` channels.
  public init(_ channels: UnsafePointer<Int32>, count: Int) {
    self.channels = channels
    self.count = count
  }
}

/// C[t] = bias + Σ a[t, k] B[k] over the listed channels k, for every step t: [steps, columns].
///
/// Each output is one chain of fused multiply-adds over the listed k in order.
public func multiplyGathered(
  _ shape: GatheredShape, _ list: ChannelList, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
  bias: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>
) {
  forEachStrip(shape) { column, vectors in
    let panel = b + shape.panelOffset(column)
    let runs = TileRuns(shape.steps)
    for run in 0..<runs.count {
      let rows = runs[run]
      let (a, c) = (a + rows.lowerBound &* shape.aStride, c + (rows.lowerBound &* shape.cStride &+ column))
      switch vectors {
      case 4: GatheredTiles<4>.multiply(rows.count, shape, list, a, panel, bias + column, c)
      case 3: GatheredTiles<3>.multiply(rows.count, shape, list, a, panel, bias + column, c)
      case 2: GatheredTiles<2>.multiply(rows.count, shape, list, a, panel, bias + column, c)
      default: GatheredTiles<1>.multiply(rows.count, shape, list, a, panel, bias + column, c)
      }
    }
  }
}

/// C[k] = C[k] + Σ a[t, k] B[t] over the steps t, for the listed channels k; the other rows of C stay as they are.
///
/// Each output is one chain of fused multiply-adds over t in order, which starts from the value in C.
public func accumulateGathered(
  _ shape: GatheredShape, _ list: ChannelList, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
  into c: UnsafeMutablePointer<Float>
) {
  forEachStrip(shape) { column, vectors in
    let panel = b + shape.panelOffset(column)
    switch vectors {
    case 4: GatheredTiles<4>.accumulate(shape, list, a, panel, c + column)
    case 3: GatheredTiles<3>.accumulate(shape, list, a, panel, c + column)
    case 2: GatheredTiles<2>.accumulate(shape, list, a, panel, c + column)
    default: GatheredTiles<1>.accumulate(shape, list, a, panel, c + column)
    }
  }
}

extension GatheredShape {
  @inline(__always)
  fileprivate func panelOffset(_ column: Int) -> Int {
    column / panelColumns &* bPanelStride &+ column % panelColumns
  }
}

/// Calls `body` with the first column and the number of vectors of each strip of columns: up to 4 vectors with 32 registers,
/// 2 with 16.
@inline(__always)
private func forEachStrip(_ shape: GatheredShape, _ body: (_ column: Int, _ vectors: Int) -> Void) {
  let widest = Lanes.scalarCount == 8 ? 2 : 4
  var column = 0
  while column < shape.columns {
    let vectors = min(min(shape.columns &- column, panelColumns) / Lanes.scalarCount, widest)
    body(column, vectors)
    column &+= vectors &* Lanes.scalarCount
  }
}

/// Rows cut into runs of nearly the same length, at most 6: their accumulators, 6 x 4 vectors of 32 registers or 6 x 2 of
/// 16, leave room for B and for a broadcast element of A. Equal runs avoid a last tile of one row, which would wait for
/// the latency of its multiply-adds.
private struct TileRuns {
  private static let longest = 6

  let count: Int
  private let length: Int, longer: Int

  @inline(__always)
  init(_ rows: Int) {
    count = (rows &+ Self.longest &- 1) / Self.longest
    (length, longer) = count == 0 ? (0, 0) : rows.quotientAndRemainder(dividingBy: count)
  }

  @inline(__always)
  subscript(_ run: Int) -> Range<Int> {
    let first = run &* length &+ min(run, longer)
    return first..<(first &+ length &+ (run < longer ? 1 : 0))
  }
}

/// The tiles of `vectors` vectors of columns, by their number of rows.
private enum GatheredTiles<let vectors: Int> {
  @inline(__always)
  static func multiply(
    _ rows: Int, _ shape: GatheredShape, _ list: ChannelList, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
    _ bias: UnsafePointer<Float>, _ c: UnsafeMutablePointer<Float>
  ) {
    switch rows {
    case 6: GatheredTile<6, vectors>.multiply(shape, list, a, b, bias, c)
    case 5: GatheredTile<5, vectors>.multiply(shape, list, a, b, bias, c)
    case 4: GatheredTile<4, vectors>.multiply(shape, list, a, b, bias, c)
    case 3: GatheredTile<3, vectors>.multiply(shape, list, a, b, bias, c)
    case 2: GatheredTile<2, vectors>.multiply(shape, list, a, b, bias, c)
    default: GatheredTile<1, vectors>.multiply(shape, list, a, b, bias, c)
    }
  }

  @inline(__always)
  static func accumulate(
    _ shape: GatheredShape, _ list: ChannelList, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
    _ c: UnsafeMutablePointer<Float>
  ) {
    var channels = list.channels
    var left = list.count
    while left >= 6 {
      GatheredTile<6, vectors>.accumulate(shape, channels, a, b, c)
      channels += 6
      left &-= 6
    }
    switch left {
    case 5: GatheredTile<5, vectors>.accumulate(shape, channels, a, b, c)
    case 4: GatheredTile<4, vectors>.accumulate(shape, channels, a, b, c)
    case 3: GatheredTile<3, vectors>.accumulate(shape, channels, a, b, c)
    case 2: GatheredTile<2, vectors>.accumulate(shape, channels, a, b, c)
    case 1: GatheredTile<1, vectors>.accumulate(shape, channels, a, b, c)
    default: break
    }
  }
}

/// A tile of `rows` rows and `vectors` vectors of columns, all of it in registers.
private enum GatheredTile<let rows: Int, let vectors: Int> {
  private typealias Sums = InlineArray<vectors, InlineArray<rows, Lanes>>

  @inline(__always)
  static func multiply(
    _ shape: GatheredShape, _ list: ChannelList, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
    _ bias: UnsafePointer<Float>, _ c: UnsafeMutablePointer<Float>
  ) {
    let width = Lanes.scalarCount
    var sums = Sums { vector in InlineArray<rows, Lanes> { _ in Lanes.load(bias + vector &* width) } }
    for term in 0..<list.count {
      let k = Int(list.channels[term])
      let bk = b + k &* shape.bStride
      add(a + k, shape.aStride, InlineArray<vectors, Lanes> { Lanes.load(bk + $0 &* width) }, to: &sums)
    }
    for r in 0..<rows {
      for vector in 0..<vectors { sums[vector][r].store(c + (r &* shape.cStride &+ vector &* width)) }
    }
  }

  @inline(__always)
  static func accumulate(
    _ shape: GatheredShape, _ channels: UnsafePointer<Int32>, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
    _ c: UnsafeMutablePointer<Float>
  ) {
    let width = Lanes.scalarCount
    let channel = InlineArray<rows, Int> { Int(channels[$0]) }
    var sums = Sums { vector in
      InlineArray<rows, Lanes> { Lanes.load(c + (channel[$0] &* shape.cStride &+ vector &* width)) }
    }
    var at = a
    var bt = b
    for _ in 0..<shape.steps {
      let factors = InlineArray<vectors, Lanes> { Lanes.load(bt + $0 &* width) }
      for r in 0..<rows {
        let x = Lanes(repeating: at[channel[r]])
        for vector in 0..<vectors { sums[vector][r].addProduct(x, factors[vector]) }
      }
      at += shape.aStride
      bt += shape.bStride
    }
    for r in 0..<rows {
      for vector in 0..<vectors { sums[vector][r].store(c + (channel[r] &* shape.cStride &+ vector &* width)) }
    }
  }

  /// One term of a product: the same channel of all steps.
  @inline(__always)
  private static func add(
    _ a: UnsafePointer<Float>, _ stride: Int, _ factors: InlineArray<vectors, Lanes>, to sums: inout Sums
  ) {
    for r in 0..<rows {
      let x = Lanes(repeating: a[r &* stride])
      for vector in 0..<vectors { sums[vector][r].addProduct(x, factors[vector]) }
    }
  }
}
