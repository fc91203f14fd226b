/// Blurs the gray levels of an image in place, with replicate padding.
///
/// A separable filter of 5 taps: the 3-tap filter (a, 1 - 2a, a) applied twice, a = standardDeviation² / 4, which has
/// exactly this standard deviation. At 1 pixel it is the binomial filter 1 4 6 4 1.
///
/// - Parameters:
///   - scratch: `gray` holds the image; the two rows before it, what follows it, and `rows` are overwritten.
///   - standardDeviation: in pixels, above 0, at most 1.
@inline(__always)
func blurImage(_ scratch: ImageScratch, height: Int, width: Int, standardDeviation: Float) {
  let weights = BlurWeights(standardDeviation: standardDeviation)
  let gray = scratch.gray
  for row in 1...2 {
    (gray - row &* width).update(from: gray, count: width)
    (gray + (height &+ row &- 1) &* width).update(from: gray + (height &- 1) &* width, count: width)
  }
  // Vertically, into rows with two replicated values at either end. A row's last vector writes past its end; the next row
  // overwrites that.
  let stride = width &+ 4
  for y in 0..<height {
    let row = scratch.rows + (stride &* y &+ 2)
    for at in vectors(width) { weights.mean(gray + (width &* y &+ at), stride: width).store(row + at) }
    row[-2] = row[0]
    row[-1] = row[0]
    row[width] = row[width &- 1]
    row[width &+ 1] = row[width &- 1]
  }
  // Horizontally, and the same holds of the last vectors.
  for y in 0..<height {
    let row = scratch.rows + (stride &* y &+ 2)
    for at in vectors(width) { weights.mean(row + at, stride: 1).store(gray + (width &* y &+ at)) }
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
