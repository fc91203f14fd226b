import CTargetCPU

// Shared by the image kernels.

/// The side length and the number of pixels of an image: 28 x 28 bytes in row-major order.
public let imageSide = 28, imagePixels = imageSide * imageSide

/// The columns x and rows y of the pixels of the vector that begins at pixel `at`.
@inline(__always)
func pixelCoordinates(_ at: Int) -> (x: Lanes, y: Lanes) {
  // (i + 1/2) / 28 is always at least 1/56 away from an integer, so rounding cannot change the row.
  let i = Lanes(repeating: Float(at)) + laneNumbers
  let y = target_cpu_floors((i + Lanes(repeating: 0.5)) * Lanes(repeating: 1 / Float(imageSide)))
  return (i.adding(product: y, Lanes(repeating: -Float(imageSide))), y)
}

/// Calls `body` with a pointer to the elements of an array on the stack.
@inline(__always)
func withPointer<let count: Int, Element>(
  to array: inout InlineArray<count, Element>, _ body: (UnsafeMutablePointer<Element>) -> Void
) {
  withUnsafeMutablePointer(to: &array) { pointer in
    body(UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: Element.self))
  }
}
