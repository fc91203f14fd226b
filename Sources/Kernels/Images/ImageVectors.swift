import CTargetCPU

// What the kernels that change images share.

/// The side of the images that the kernels change, and their pixels: 28 x 28 bytes in row-major order.
public let imageSide = 28, imagePixels = imageSide * imageSide

/// The columns and rows of the pixels of a vector that begins at a pixel.
@inline(__always)
func pixelPlaces(_ at: Int) -> (x: Lanes, y: Lanes) {
  // (i + 1/2) / 28 is never nearer than 1/56 to an integer: rounding cannot spoil the row.
  let i = Lanes(repeating: Float(at)) + laneNumbers
  let y = target_cpu_floors((i + Lanes(repeating: 0.5)) * Lanes(repeating: 1 / Float(imageSide)))
  return (i.adding(product: y, Lanes(repeating: -Float(imageSide))), y)
}

/// 0, 1, 2 ... in the lanes.
private var laneNumbers: Lanes {
  @inline(__always) get {
    var numbers = Lanes()
    for lane in 0..<Lanes.scalarCount { numbers[lane] = Float(lane) }
    return numbers
  }
}

/// The elements of an array on the stack, by pointer.
@inline(__always)
func withPointer<let count: Int, Element>(
  to array: inout InlineArray<count, Element>, _ body: (UnsafeMutablePointer<Element>) -> Void
) {
  withUnsafeMutablePointer(to: &array) { pointer in
    body(UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: Element.self))
  }
}
