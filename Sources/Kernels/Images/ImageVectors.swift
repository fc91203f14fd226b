import CTargetCPU

// Shared by the image kernels.

/// The columns x and rows y of the pixels of a vector, in an image of one width.
struct PixelCoordinates {
  private let width: Lanes, reciprocal: Lanes

  @inline(__always)
  init(width: Int) {
    self.width = Lanes(repeating: -Float(width))
    reciprocal = Lanes(repeating: 1 / Float(width))
  }

  /// Those of the pixels with these numbers.
  @inline(__always)
  func callAsFunction(_ i: Lanes) -> (x: Lanes, y: Lanes) {
    // (i + 1/2) / width is at least 1 / (2 width) away from an integer, and at most height / 2^23 is lost to rounding: with
    // fewer than 2^22 pixels rounding cannot change the row.
    let y = target_cpu_floors((i + Lanes(repeating: 0.5)) * reciprocal)
    return (i.adding(product: y, width), y)
  }
}

/// The difference between the pixel numbers of a vector and those of the next one.
var nextVector: Lanes {
  @inline(__always) get { Lanes(repeating: Float(Lanes.scalarCount)) }
}
