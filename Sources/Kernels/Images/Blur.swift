/// Blurs an image of 784 gray levels in place; its edges repeat.
///
/// In either direction a pixel becomes the mean of itself and two neighbours a side with the weights that three-point means
/// (a, 1 - 2a, a) give when taken twice, a = deviation² / 4. Their standard deviation is the one asked for; at 1 pixel they are
/// the binomial 1 4 6 4 1.
///
/// - Parameters:
///   - gray: 784 numbers with room for 56 before and 72 behind them, which are overwritten.
///   - standard deviation: above 0, at most 1 pixel.
func blurImage(_ gray: UnsafeMutablePointer<Float>, deviation: Float) {
  let weights = BlurWeights(deviation: deviation)
  let side = imageSide
  for row in 1...2 {
    (gray - row &* side).update(from: gray, count: side)
    (gray + (imagePixels &+ (row &- 1) &* side)).update(from: gray + (imagePixels &- side), count: side)
  }
  // Down the columns, to rows of 28 between two places at either end that repeat it: 32 apart.
  var rows = InlineArray<912, Float>(repeating: 0)
  withPointer(to: &rows) { rows in
    for y in 0..<side {
      let row = rows + (32 &* y &+ 2)
      forEachVectorOfRow { weights.mean(gray + (side &* y &+ $0), stride: side).store(row + $0) }
      row[-2] = row[0]
      row[-1] = row[0]
      row[28] = row[27]
      row[29] = row[27]
    }
    // Along the rows. What a row's last vector writes beyond it, the next row writes again.
    for y in 0..<side {
      let row = rows + (32 &* y &+ 2)
      forEachVectorOfRow { weights.mean(row + $0, stride: 1).store(gray + (side &* y &+ $0)) }
    }
  }
}

private struct BlurWeights {
  let middle: Float, near: Float, far: Float

  init(deviation: Float) {
    let a = deviation * deviation / 4
    let b = 1 - 2 * a
    middle = b * b + 2 * (a * a)
    near = 2 * a * b
    far = a * a
  }

  @inline(__always)
  func mean(_ at: UnsafePointer<Float>, stride: Int) -> Lanes {
    let near = Lanes.load(at - stride) + Lanes.load(at + stride)
    let far = Lanes.load(at - 2 &* stride) + Lanes.load(at + 2 &* stride)
    return (Lanes.load(at) * Lanes(repeating: middle)).adding(product: near, Lanes(repeating: self.near))
      .adding(product: far, Lanes(repeating: self.far))
  }
}

/// The first columns of the vectors that cover 28; the last may reach 4 beyond.
@inline(__always)
private func forEachVectorOfRow(_ body: (Int) -> Void) {
  var column = 0
  while column < imageSide {
    body(column)
    column &+= Lanes.scalarCount
  }
}
