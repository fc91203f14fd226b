/// Blurs an image of 784 gray levels in place, with replicate padding.
///
/// A separable filter of 5 taps: the 3-tap filter (a, 1 - 2a, a) applied twice, a = standardDeviation² / 4, which has
/// exactly this standard deviation. At 1 pixel it is the binomial filter 1 4 6 4 1.
///
/// - Parameters:
///   - gray: 784 numbers; the 56 before and the 72 after them are scratch space and are overwritten.
///   - standardDeviation: in pixels, above 0, at most 1.
func blurImage(_ gray: UnsafeMutablePointer<Float>, standardDeviation: Float) {
  let weights = BlurWeights(standardDeviation: standardDeviation)
  let side = imageSide
  for row in 1...2 {
    (gray - row &* side).update(from: gray, count: side)
    (gray + (imagePixels &+ (row &- 1) &* side)).update(from: gray + (imagePixels &- side), count: side)
  }
  // Vertically, into rows of 28 with two replicated values at either end: a stride of 32.
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
    // Horizontally. A row's last vector writes past its end; the next row overwrites that.
    for y in 0..<side {
      let row = rows + (32 &* y &+ 2)
      forEachVectorOfRow { weights.mean(row + $0, stride: 1).store(gray + (side &* y &+ $0)) }
    }
  }
}

private struct BlurWeights {
  let center: Float, near: Float, far: Float

  init(standardDeviation: Float) {
    let a = standardDeviation * standardDeviation / 4
    let b = 1 - 2 * a
    center = b * b + 2 * (a * a)
    near = 2 * a * b
    far = a * a
  }

  @inline(__always)
  func mean(_ at: UnsafePointer<Float>, stride: Int) -> Lanes {
    let near = Lanes.load(at - stride) + Lanes.load(at + stride)
    let far = Lanes.load(at - 2 &* stride) + Lanes.load(at + 2 &* stride)
    return (Lanes.load(at) * Lanes(repeating: center)).adding(product: near, Lanes(repeating: self.near))
      .adding(product: far, Lanes(repeating: self.far))
  }
}

/// Calls `body` with the first column of each vector of a row of 28; the last vector may extend 4 columns past the row.
@inline(__always)
private func forEachVectorOfRow(_ body: (Int) -> Void) {
  var column = 0
  while column < imageSide {
    body(column)
    column &+= Lanes.scalarCount
  }
}
