import CTargetCPU

/// Resamples an image at the points of an affine map, by bilinear interpolation. Outside the image, which ends at the
/// centers of its outermost pixels, the padding mode is constant with the gray level `padding`, or replicate if that is
/// nil.
///
/// The four bytes around a point are one word of a table, so each pixel needs one lookup.
///
/// - Parameter scratch: `source` holds the bytes of the image; `gray` receives its gray levels.
@inline(__always)
func resampleImage(_ scratch: ImageScratch, height: Int, width: Int, _ map: AffineMap, padding: Float?) {
  let (table, gray) = (scratch.neighbours, scratch.gray)
  fillNeighbours(scratch.source, into: table, height: height, width: width)
  let coordinates = PixelCoordinates(width: width)
  let (lastColumn, lastRow) = (Float(width &- 1), Float(height &- 1))
  forEachVector(height &* width) { at in
    let (x, y) = coordinates(at)
    let column = coordinate(x, map.ux, y, map.uy, map.u0)
    let row = coordinate(x, map.vx, y, map.vy, map.v0)
    let (u, v) = (column.clamped(0, lastColumn), row.clamped(0, lastRow))
    let (left, top) = (target_cpu_floors(u), target_cpu_floors(v))
    let (right, down) = (u - left, v - top)
    let index = target_cpu_truncated(left.adding(product: top, Lanes(repeating: Float(width))))
    let four = target_cpu_gather(UnsafePointer(table), index)
    let byte = WordLanes(repeating: 255)
    let topLeft = target_cpu_numbers(four & byte)
    let topRight = target_cpu_numbers(four &>> 8 & byte)
    let bottomLeft = target_cpu_numbers(four &>> 16 & byte)
    let bottomRight = target_cpu_numbers(four &>> 24)
    let upper = topLeft.adding(product: right, topRight - topLeft)
    let lower = bottomLeft.adding(product: right, bottomRight - bottomLeft)
    var level = upper.adding(product: down, lower - upper)
    if let padding {
      level.replace(with: Lanes(repeating: padding), where: (u .!= column) .| (v .!= row))
    }
    level.store(gray + at)
  }
}

/// Word i: pixel i (in the lowest byte), its right neighbour, the pixel below, and the right neighbour of that. At the
/// right and lower edges these are whatever bytes follow, to which interpolation gives a weight of exactly 0.
@inline(__always)
private func fillNeighbours(
  _ bytes: UnsafePointer<UInt8>, into table: UnsafeMutablePointer<UInt32>, height: Int, width: Int
) {
  forEachVector(height &* width) { at in
    let upper = target_cpu_load_bytes(bytes + at) | target_cpu_load_bytes(bytes + at + 1) &<< 8
    let below = bytes + (at + width)
    let lower = target_cpu_load_bytes(below) &<< 16 | target_cpu_load_bytes(below + 1) &<< 24
    UnsafeMutableRawPointer(table + at).storeBytes(of: upper | lower, as: WordLanes.self)
  }
}

@inline(__always)
private func coordinate(_ x: Lanes, _ xFactor: Float, _ y: Lanes, _ yFactor: Float, _ origin: Float) -> Lanes {
  Lanes(repeating: origin).adding(product: y, Lanes(repeating: yFactor)).adding(
    product: x, Lanes(repeating: xFactor))
}
