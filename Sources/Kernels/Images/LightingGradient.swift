/// Light that changes across an image: adds slope.x (x - 13.5) + slope.y (y - 13.5) to 784 gray levels, in place.
func addLightingGradient(_ gray: UnsafeMutablePointer<Float>, slope: SIMD2<Float>) {
  let middle = Lanes(repeating: Float(imageSide - 1) / 2)
  let (across, down) = (Lanes(repeating: slope.x), Lanes(repeating: slope.y))
  forEachVector(imagePixels) { at in
    let (x, y) = pixelPlaces(at)
    Lanes.load(gray + at).adding(product: x - middle, across).adding(product: y - middle, down).store(gray + at)
  }
}
