import CTargetCPU

/// output = (pixel - mean) / standard deviation over the 784 pixels of an image, which then has mean 0 and
/// standard deviation 1.
///
/// The standard deviation is at least 1/28 gray level (as in TensorFlow's `per_image_standardization`), so an image of
/// one gray level becomes zeros. The sums are integers, so their order does not matter; each output is one fused
/// multiply-add.
public func standardizeImage(_ pixels: UnsafePointer<UInt8>, into output: UnsafeMutablePointer<Float>) {
  let (scale, shift) = standardization(of: pixels)
  forEachVector(imagePixels) {
    Lanes(repeating: shift)
      .adding(product: target_cpu_numbers(target_cpu_load_bytes(pixels + $0)), Lanes(repeating: scale))
      .store(output + $0)
  }
}

/// 1 / standard deviation and -mean / standard deviation.
private func standardization(of pixels: UnsafePointer<UInt8>) -> (scale: Float, shift: Float) {
  var (sum, squares) = (UInt32(0), UInt32(0))
  for at in 0..<imagePixels {
    let pixel = UInt32(pixels[at])
    sum &+= pixel
    squares &+= pixel &* pixel
  }
  let count = UInt64(imagePixels)
  let scaledVariance = count * UInt64(squares) - UInt64(sum) * UInt64(sum)
  let standardDeviation = max(Double(scaledVariance).squareRoot() / Double(count), 1 / Double(imageSide))
  return (Float(1 / standardDeviation), Float(-Double(sum) / Double(count) / standardDeviation))
}
