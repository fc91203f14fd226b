/// The products of a convolution, computed where its input lies: no window is copied.
///
/// Input and output are [positions, samples, channels]. All samples of an output position see the same taps, so a product's
/// rows are samples, equally far apart for every tap, and its depth are the taps, each of which begins where a table says,
/// with their channels. (Dukhan, "The Indirect Convolution Algorithm", 2019, where rows are positions, and every row needs a
/// pointer of its own.)
public struct ConvolutionShape {
  /// The output positions, the taps of a window, and the samples.
  let positions: Int, taps: Int, samples: Int
  /// The channels of the input, and those of the output, a multiple of 16.
  let channels: Int, columns: Int
  /// The distance between samples of the input, and of the output, in elements.
  let inputStride: Int, outputStride: Int
  /// Where the taps of the output positions begin in the input, [positions, taps].
  let table: UnsafePointer<Int>
  /// What the table has for a tap outside the input: where there are zeros.
  let outside: Int

  /// A convolution by a table that outlives the calls.
  public init(
    positions: Int, taps: Int, samples: Int, channels: Int, columns: Int, inputStride: Int, outputStride: Int,
    table: UnsafePointer<Int>, outside: Int
  ) {
    self.positions = positions
    self.taps = taps
    self.samples = samples
    self.channels = channels
    self.columns = columns
    self.inputStride = inputStride
    self.outputStride = outputStride
    self.table = table
    self.outside = outside
  }

  /// The numbers of an output position.
  @inline(__always)
  var outputBlock: Int { samples &* outputStride }
}

/// output = bias + Σ x w over the taps and their channels, each sum one chain in that order, but at least `floor`; NaN stays
/// NaN.
///
/// - Parameters:
///   - kernel: [taps · channels, columns] in panels of 64 columns.
///   - floor: 0 for the values of a ReLU, -∞ for the sums.
public func convolve(
  _ shape: ConvolutionShape, _ input: UnsafePointer<Float>, _ kernel: UnsafePointer<Float>,
  bias: UnsafePointer<Float>, floor: Float, into output: UnsafeMutablePointer<Float>
) {
  forEachTile(
    shape, columns: shape.columns, panelSize: shape.taps &* shape.channels &* panelColumns,
    ForwardTile(shape: shape, input: input, kernel: kernel, bias: bias, floor: floor, output: output))
}

/// Adds to the gradient with respect to the input what reaches it through one tap: the gradient with respect to the output
/// times the tap's transposed kernel, each product one chain over the filters.
///
/// Called from the last tap to the first, an input's sum is in the order of the output positions.
///
/// - Parameters:
///   - filters: the channels of the output gradient that count.
///   - columns: the channels of the input gradient, a multiple of 16.
///   - transposed: [filters, columns] in panels of 64 columns.
///   - inputGradient: has the places of the input; the sums begin with what it holds.
public func convolveBackward(
  _ shape: ConvolutionShape, tap: Int, filters: Int, columns: Int, _ outputGradient: UnsafePointer<Float>,
  _ transposed: UnsafePointer<Float>, addingTo inputGradient: UnsafeMutablePointer<Float>
) {
  forEachTile(
    shape, columns: columns, panelSize: filters &* panelColumns,
    BackwardTile(
      shape: shape, tap: tap, filters: filters, outputGradient: outputGradient, transposed: transposed,
      inputGradient: inputGradient))
}

/// A tile of `rows` samples and `vectors` vectors of columns of an output position, all of it in registers.
private protocol ConvolutionTile {
  /// - Parameter panel: where the first row of the tile's columns lies in the panels of the product's right side.
  func compute<let rows: Int, let vectors: Int>(
    _ size: TileSize<rows, vectors>, position: Int, row: Int, column: Int, panel: Int)
}

/// The size of a tile, as a type.
struct TileSize<let rows: Int, let vectors: Int> {}

/// Goes over strips of columns, positions and samples with the largest tiles that the registers hold.
///
/// A strip's part of the right side stays in the first-level cache for all positions. With fewer samples than a tile has rows,
/// wider strips have as many sums as hide the latency.
@inline(__always)
private func forEachTile<Tile: ConvolutionTile>(
  _ shape: ConvolutionShape, columns: Int, panelSize: Int, _ tile: Tile
) {
  var column = 0
  while column < columns {
    let panel = column / panelColumns &* panelSize &+ column % panelColumns
    let vectors = min(columns &- column, panelColumns &- column % panelColumns) / Lanes.scalarCount
    if shape.samples < 4 && vectors >= 4 {
      forEachPosition(shape, column, panel, nil, nil, TileSize<1, 4>(), tile)
      column &+= 4 &* Lanes.scalarCount
    } else if vectors >= 2 {
      forEachPosition(shape, column, panel, TileSize<8, 2>(), TileSize<4, 2>(), TileSize<1, 2>(), tile)
      column &+= 2 &* Lanes.scalarCount
    } else {
      forEachPosition(shape, column, panel, TileSize<8, 1>(), TileSize<4, 1>(), TileSize<1, 1>(), tile)
      column &+= Lanes.scalarCount
    }
  }
}

@inline(__always)
private func forEachPosition<let vectors: Int, Tile: ConvolutionTile>(
  _ shape: ConvolutionShape, _ column: Int, _ panel: Int, _ tall: TileSize<8, vectors>?, _ low: TileSize<4, vectors>?,
  _ single: TileSize<1, vectors>, _ tile: Tile
) {
  for position in 0..<shape.positions {
    var row = 0
    // 16 registers have no room for 8 rows of 2 vectors.
    while let tall, Lanes.scalarCount != 8 && row &+ 8 <= shape.samples {
      tile.compute(tall, position: position, row: row, column: column, panel: panel)
      row &+= 8
    }
    while let low, row &+ 4 <= shape.samples {
      tile.compute(low, position: position, row: row, column: column, panel: panel)
      row &+= 4
    }
    while row < shape.samples {
      tile.compute(single, position: position, row: row, column: column, panel: panel)
      row &+= 1
    }
  }
}

/// Adds one term to the sums of a tile, by vectors and rows: the product of a column of A, whose rows are `stride` apart, and one row of B.
@inline(__always)
private func addTerm<let rows: Int, let vectors: Int>(
  _ a: UnsafePointer<Float>, stride: Int, _ b: UnsafePointer<Float>,
  to sums: inout InlineArray<vectors, InlineArray<rows, Lanes>>
) {
  let factors = InlineArray<vectors, Lanes> { Lanes.load(b + $0 &* Lanes.scalarCount) }
  for r in 0..<rows {
    let x = Lanes(repeating: a[r &* stride])
    for vector in 0..<vectors { sums[vector][r].addProduct(x, factors[vector]) }
  }
}

private struct ForwardTile: ConvolutionTile {
  let shape: ConvolutionShape
  let input: UnsafePointer<Float>, kernel: UnsafePointer<Float>, bias: UnsafePointer<Float>
  let floor: Float
  let output: UnsafeMutablePointer<Float>

  @inline(__always)
  func compute<let rows: Int, let vectors: Int>(
    _ size: TileSize<rows, vectors>, position: Int, row: Int, column: Int, panel: Int
  ) {
    let width = Lanes.scalarCount
    var sums = InlineArray<vectors, InlineArray<rows, Lanes>> { vector in
      InlineArray<rows, Lanes> { _ in Lanes.load(bias + (column &+ vector &* width)) }
    }
    let samples = input + row &* shape.inputStride
    let table = shape.table + position &* shape.taps
    var bk = kernel + panel
    for tap in 0..<shape.taps {
      var ak = samples + table[tap]
      for _ in 0..<shape.channels {
        addTerm(ak, stride: shape.inputStride, bk, to: &sums)
        ak += 1
        bk += panelColumns
      }
    }
    let least = Lanes(repeating: floor)
    let target = output + (position &* shape.outputBlock &+ row &* shape.outputStride &+ column)
    for r in 0..<rows {
      for vector in 0..<vectors {
        let sum = sums[vector][r]
        sum.replacing(with: least, where: sum .< least).store(target + (r &* shape.outputStride &+ vector &* width))
      }
    }
  }
}

private struct BackwardTile: ConvolutionTile {
  let shape: ConvolutionShape
  let tap: Int, filters: Int
  let outputGradient: UnsafePointer<Float>, transposed: UnsafePointer<Float>
  let inputGradient: UnsafeMutablePointer<Float>

  @inline(__always)
  func compute<let rows: Int, let vectors: Int>(
    _ size: TileSize<rows, vectors>, position: Int, row: Int, column: Int, panel: Int
  ) {
    let place = shape.table[position &* shape.taps &+ tap]
    guard place != shape.outside else { return }
    let width = Lanes.scalarCount
    var sums = InlineArray<vectors, InlineArray<rows, Lanes>> { _ in InlineArray<rows, Lanes> { _ in Lanes() } }
    var ak = outputGradient + (position &* shape.outputBlock &+ row &* shape.outputStride)
    var bk = transposed + panel
    for _ in 0..<filters {
      addTerm(ak, stride: shape.outputStride, bk, to: &sums)
      ak += 1
      bk += panelColumns
    }
    let target = inputGradient + (place &+ row &* shape.inputStride &+ column)
    for r in 0..<rows {
      for vector in 0..<vectors {
        let sum = target + (r &* shape.inputStride &+ vector &* width)
        (Lanes.load(sum) + sums[vector][r]).store(sum)
      }
    }
  }
}
