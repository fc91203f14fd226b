/// Adds a lighting gradient to the gray levels of an image in place: slope.x (x - center) + slope.y (y - center), where the
/// centers are (width - 1) / 2 and (height - 1) / 2.
@inline(__always)
func addLightingGradient(_ gray: UnsafeMutablePointer<Float>, height: Int, width: Int, slope: SIMD2<Float>) {
  let coordinates = PixelCoordinates(width: width)
  let (centerX, centerY) = (Lanes(repeating: Float(width &- 1) / 2), Lanes(repeating: Float(height &- 1) / 2))
  let (across, down) = (Lanes(repeating: slope.x), Lanes(repeating: slope.y))
  var numbers = laneNumbers
  for at in vectors(height &* width) {
    let (x, y) = coordinates(numbers)
    numbers += nextVector
    Lanes.load(gray + at).adding(product: x - centerX, across).adding(product: y - centerY, down).store(gray + at)
  }
}
