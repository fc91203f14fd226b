/// Adds a lighting gradient to 784 gray levels in place: slope.x (x - 13.5) + slope.y (y - 13.5).
func addLightingGradient(_ gray: UnsafeMutablePointer<Float>, slope: SIMD2<Float>) {
  let center = Lanes(repeating: Float(imageSide - 1) / 2)
  let (across, down) = (Lanes(repeating: slope.x), Lanes(repeating: slope.y))
  forEachVector(imagePixels) { at in
    let (x, y) = pixelCoordinates(at)
    Lanes.load(gray + at).adding(product: x - center, across).adding(product: y - center, down).store(gray + at)
  }
}
