/// The gradients with respect to a convolution's kernel and bias, overwritten: for each tap and channel Σ x dy, and Σ dy, one
/// chain over the samples and, within a sample, the output positions.
///
/// A tile has some channels of one tap, so a step of its depth looks one place up in the table. Where there are few channels
/// each row has a tap of its own: the input then has 1 channel for the shape.
///
/// - Parameters:
///   - shape: of 1 channel, or at least 8.
///   - gradient: [taps · channels, columns], with rows `stride` numbers apart.
///   - biasGradient: [columns].
public func convolutionGradients(
  _ shape: ConvolutionShape, _ input: UnsafePointer<Float>, _ outputGradient: UnsafePointer<Float>,
  into gradient: UnsafeMutablePointer<Float>, stride: Int, bias biasGradient: UnsafeMutablePointer<Float>
) {
  precondition(shape.channels == 1 || shape.channels >= 8, "a kernel's gradient is for 1 channel, or at least 8")
  var column = 0
  while column < shape.columns {
    let strip = GradientStrip(
      shape: shape, input: input, outputGradient: outputGradient + column, gradient: gradient + column, stride: stride,
      biasGradient: biasGradient + column)
    if column &+ 2 &* Lanes.scalarCount <= shape.columns {
      if shape.channels == 1 {
        strip.forEachTap(TileSize<9, 2>(), TileSize<4, 2>(), TileSize<1, 2>())
      } else {
        strip.forEachChannel(TileSize<8, 2>(), TileSize<4, 2>())
      }
      column &+= 2 &* Lanes.scalarCount
    } else {
      if shape.channels == 1 {
        strip.forEachTap(TileSize<9, 1>(), TileSize<4, 1>(), TileSize<1, 1>())
      } else {
        strip.forEachChannel(TileSize<8, 1>(), TileSize<4, 1>())
      }
      column &+= Lanes.scalarCount
    }
  }
}

/// Some columns of the gradient.
private struct GradientStrip {
  let shape: ConvolutionShape
  let input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>
  let gradient: UnsafeMutablePointer<Float>
  let stride: Int
  let biasGradient: UnsafeMutablePointer<Float>

  /// Tiles of the channels of each tap. The last of them may overlap the one before: it computes the same once more.
  @inline(__always)
  func forEachChannel<let vectors: Int>(_ tall: TileSize<8, vectors>, _ low: TileSize<4, vectors>) {
    for tap in 0..<shape.taps {
      var channel = 0
      while channel < shape.channels {
        let rest = shape.channels &- channel
        // 16 registers have no room for 8 rows of 2 vectors.
        if Lanes.scalarCount != 8 && rest > 4 {
          channel = min(channel, shape.channels &- 8)
          channels(tall, tap, channel)
          channel &+= 8
        } else {
          channel = min(channel, shape.channels &- 4)
          channels(low, tap, channel)
          channel &+= 4
        }
      }
    }
  }

  /// Tiles of taps, of which the last may overlap the one before. Nine taps are a window of 3 x 3.
  @inline(__always)
  func forEachTap<let vectors: Int>(
    _ tall: TileSize<9, vectors>, _ low: TileSize<4, vectors>, _ single: TileSize<1, vectors>
  ) {
    var tap = 0
    while tap < shape.taps {
      let rest = shape.taps &- tap
      if Lanes.scalarCount != 8 && shape.taps >= 9 && rest > 4 {
        tap = min(tap, shape.taps &- 9)
        taps(tall, tap)
        tap &+= 9
      } else if shape.taps >= 4 {
        tap = min(tap, shape.taps &- 4)
        taps(low, tap)
        tap &+= 4
      } else {
        taps(single, tap)
        tap &+= 1
      }
    }
  }

  @inline(__always)
  private func channels<let rows: Int, let vectors: Int>(
    _ size: TileSize<rows, vectors>, _ tap: Int, _ channel: Int
  ) {
    let row = tap &* shape.channels &+ channel
    computeTile(size, table: shape.table + tap, firstRow: row) { sample, place, row in
      sample[place.pointee &+ channel &+ row]
    }
  }

  @inline(__always)
  private func taps<let rows: Int, let vectors: Int>(_ size: TileSize<rows, vectors>, _ tap: Int) {
    computeTile(size, table: shape.table + tap, firstRow: tap) { sample, place, row in sample[place[row]] }
  }

  /// A tile; with the first, the bias' gradient too.
  @inline(__always)
  private func computeTile<let rows: Int, let vectors: Int>(
    _ size: TileSize<rows, vectors>, table: UnsafePointer<Int>, firstRow: Int,
    _ number: (_ sample: UnsafePointer<Float>, _ place: UnsafePointer<Int>, _ row: Int) -> Float
  ) {
    if firstRow == 0 {
      compute(size, TileSize<1, vectors>(), table: table, firstRow: 0, number)
    } else {
      compute(size, TileSize<0, vectors>(), table: table, firstRow: firstRow, number)
    }
  }

  /// A tile whose row r has the input's numbers `number(sample, place, r)`, where `place` is the table at an output position;
  /// and one row, or none, of the bias.
  @inline(__always)
  private func compute<let rows: Int, let biases: Int, let vectors: Int>(
    _ size: TileSize<rows, vectors>, _ biasSize: TileSize<biases, vectors>, table: UnsafePointer<Int>, firstRow: Int,
    _ number: (_ sample: UnsafePointer<Float>, _ place: UnsafePointer<Int>, _ row: Int) -> Float
  ) {
    let width = Lanes.scalarCount
    var sums = InlineArray<vectors, InlineArray<rows, Lanes>> { _ in InlineArray<rows, Lanes> { _ in Lanes() } }
    var biasSums = InlineArray<vectors, InlineArray<biases, Lanes>> { _ in InlineArray<biases, Lanes> { _ in Lanes() } }
    for sample in 0..<shape.samples {
      let x = input + sample &* shape.inputStride
      var dy = outputGradient + sample &* shape.outputStride
      var place = table
      for _ in 0..<shape.positions {
        let factors = InlineArray<vectors, Lanes> { Lanes.load(dy + $0 &* width) }
        for r in 0..<rows {
          let x = Lanes(repeating: number(x, place, r))
          for vector in 0..<vectors { sums[vector][r].addProduct(x, factors[vector]) }
        }
        for r in 0..<biases {
          for vector in 0..<vectors { biasSums[vector][r] += factors[vector] }
        }
        dy += shape.outputBlock
        place += shape.taps
      }
    }
    for r in 0..<rows {
      for vector in 0..<vectors { sums[vector][r].store(gradient + ((firstRow &+ r) &* stride &+ vector &* width)) }
    }
    for r in 0..<biases {
      for vector in 0..<vectors { biasSums[vector][r].store(biasGradient + vector &* width) }
    }
  }
}
