/// output = (pixel - mean) / standard deviation over all `count` bytes of an image, of whatever shape, which then has mean
/// 0 and standard deviation 1.
///
/// The standard deviation is at least 1 / √count gray level (as in TensorFlow's `per_image_standardization`), so an image of
/// one gray level becomes zeros. The sums are integers, so their order does not matter; each output is one fused
/// multiply-add.
///
/// - Parameters:
///   - count: at most 2^23.
///   - rows: where the numbers go; by default, one after the other.
public func standardizeImage(
  _ pixels: UnsafePointer<UInt8>, into output: UnsafeMutablePointer<Float>, count: Int, _ rows: SampleRows? = nil
) {
  let (scale, shift) = standardization(of: pixels, count: count)
  placePixels(
    pixels, into: output, count: count, rows,
    StandardizedPixels(scale: Lanes(repeating: scale), shift: Lanes(repeating: shift)))
}

private struct StandardizedPixels: PixelConversion {
  let scale: Lanes, shift: Lanes

  @inline(__always)
  func number(_ pixel: Lanes) -> Lanes { shift.adding(product: pixel, scale) }
}

/// 1 / standard deviation and -mean / standard deviation.
private func standardization(of pixels: UnsafePointer<UInt8>, count: Int) -> (scale: Float, shift: Float) {
  var (sum, squares) = (UInt64(0), UInt64(0))
  var start = 0
  while start < count {
    // The squares of 65,536 bytes fit in 32 bits.
    let part = sums(of: pixels + start, count: min(65536, count &- start))
    sum &+= UInt64(part.pixels)
    squares &+= UInt64(part.squares)
    start &+= 65536
  }
  let total = UInt64(count)
  // count² times the variance, which is at least 1 / count.
  let scaledVariance = max(total &* squares &- sum &* sum, total)
  let standardDeviation = Double(scaledVariance).squareRoot() / Double(total)
  return (Float(1 / standardDeviation), Float(-Double(sum) / Double(total) / standardDeviation))
}

/// The sum of the pixels and of their squares.
@inline(__always)
private func sums(of pixels: UnsafePointer<UInt8>, count: Int) -> (pixels: UInt32, squares: UInt32) {
  var (sum, squares) = (UInt32(0), UInt32(0))
  for at in 0..<count {
    let pixel = UInt32(pixels[at])
    sum &+= pixel
    squares &+= pixel &* pixel
  }
  return (sum, squares)
}
