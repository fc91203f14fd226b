import CTargetCPU

/// Resamples an image at the points of an affine map, by bilinear interpolation. Outside the image, which ends at the
/// centers of its outermost pixels, the padding mode is constant with the gray level `padding`, or replicate if that is
/// nil.
///
/// The four bytes around a point are one word of a table, so each pixel needs one lookup. The pixels are computed strip by strip:
/// where their points lie, then the lookups, then the gray levels.
///
/// - Parameter scratch: `source` holds the bytes of the image; `gray` receives its gray levels.
@inline(__always)
func resampleImage(_ scratch: ImageScratch, height: Int, width: Int, _ map: AffineMap, padding: Float?) {
  fillNeighbours(scratch.source, into: scratch.neighbours, height: height, width: width)
  let count = (height &* width &+ Lanes.scalarCount &- 1) & ~(Lanes.scalarCount &- 1)
  var numbers = laneNumbers
  var start = 0
  while start < count {
    let strip = min(ImageScratch.strip, count &- start)
    locatePoints(&numbers, strip, scratch, height: height, width: width, map, marksOutside: padding != nil)
    target_cpu_look_up(scratch.neighbours, scratch.places, strip)
    interpolate(strip, scratch, padding: padding, into: scratch.gray + start)
    start &+= strip
  }
}

/// The fraction to the right of a point outside the image, where such points are marked: no other has it.
private let outside: Float = 2

/// Stores the place of the pixel at the top left of each point of a strip, and how far the point lies from it.
///
/// - Parameter numbers: those of the pixels of the strip's first vector; of the next strip's afterwards.
@inline(__always)
private func locatePoints(
  _ numbers: inout Lanes, _ strip: Int, _ scratch: ImageScratch, height: Int, width: Int, _ map: AffineMap,
  marksOutside: Bool
) {
  let coordinates = PixelCoordinates(width: width)
  let (lastColumn, lastRow) = (Float(width &- 1), Float(height &- 1))
  for at in vectors(strip) {
    let (x, y) = coordinates(numbers)
    numbers += nextVector
    let column = coordinate(x, map.ux, y, map.uy, map.u0)
    let row = coordinate(x, map.vx, y, map.vy, map.v0)
    let (u, v) = (column.clamped(0, lastColumn), row.clamped(0, lastRow))
    let (left, top) = (target_cpu_floors(u), target_cpu_floors(v))
    var right = u - left
    if marksOutside {
      let mark = Lanes(repeating: outside)
      right = target_cpu_where_equal(u, column, target_cpu_where_equal(v, row, right, mark), mark)
    }
    right.store(scratch.right + at)
    (v - top).store(scratch.down + at)
    let place = target_cpu_truncated(left.adding(product: top, Lanes(repeating: Float(width))))
    UnsafeMutableRawPointer(scratch.places + at).storeBytes(of: place, as: target_cpu_integers.self)
  }
}

/// The gray levels of a strip, from the neighbours of its points, which the lookups have left in `places`.
@inline(__always)
private func interpolate(
  _ strip: Int, _ scratch: ImageScratch, padding: Float?, into gray: UnsafeMutablePointer<Float>
) {
  let byte = WordLanes(repeating: 255)
  for at in vectors(strip) {
    let four = UnsafeRawPointer(scratch.places + at).loadUnaligned(as: WordLanes.self)
    let (right, down) = (Lanes.load(scratch.right + at), Lanes.load(scratch.down + at))
    let topLeft = target_cpu_numbers(four & byte)
    let topRight = target_cpu_numbers(four &>> 8 & byte)
    let bottomLeft = target_cpu_numbers(four &>> 16 & byte)
    let bottomRight = target_cpu_numbers(four &>> 24)
    let upper = topLeft.adding(product: right, topRight - topLeft)
    let lower = bottomLeft.adding(product: right, bottomRight - bottomLeft)
    var level = upper.adding(product: down, lower - upper)
    if let padding {
      level = target_cpu_where_equal(right, Lanes(repeating: outside), Lanes(repeating: padding), level)
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
  for at in vectors(height &* width) {
    let upper = target_cpu_load_bytes(bytes + at) | target_cpu_load_bytes(bytes + (at &+ 1)) &<< 8
    let below = bytes + (at &+ width)
    let lower = target_cpu_load_bytes(below) &<< 16 | target_cpu_load_bytes(below + 1) &<< 24
    UnsafeMutableRawPointer(table + at).storeBytes(of: upper | lower, as: WordLanes.self)
  }
}

@inline(__always)
private func coordinate(_ x: Lanes, _ xFactor: Float, _ y: Lanes, _ yFactor: Float, _ origin: Float) -> Lanes {
  Lanes(repeating: origin).adding(product: y, Lanes(repeating: yFactor)).adding(
    product: x, Lanes(repeating: xFactor))
}
