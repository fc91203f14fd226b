import CTargetCPU

/// Resamples an image at the points of an affine map, by bilinear interpolation. Outside the image, which ends at the
/// centers of its outermost pixels, the padding mode is constant with the gray level `padding`, or replicate if that is
/// nil.
///
/// The four bytes around a point are one word of a table, so each pixel needs one lookup.
func resampleImage(
  _ pixels: UnsafePointer<UInt8>, _ map: AffineMap, padding: Float?, into gray: UnsafeMutablePointer<Float>
) {
  var table = InlineArray<784, UInt32>(repeating: 0)
  withPointer(to: &table) { table in
    fillNeighbours(pixels, into: table)
    let last = Float(imageSide - 1)
    forEachVector(imagePixels) { at in
      let (x, y) = pixelCoordinates(at)
      let column = coordinate(x, map.ux, y, map.uy, map.u0)
      let row = coordinate(x, map.vx, y, map.vy, map.v0)
      let (u, v) = (column.clamped(0, last), row.clamped(0, last))
      let (left, top) = (target_cpu_floors(u), target_cpu_floors(v))
      let (right, down) = (u - left, v - top)
      let index = target_cpu_truncated(left.adding(product: top, Lanes(repeating: Float(imageSide))))
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
}

/// Word i: pixel i (in the lowest byte), its right neighbour, the pixel below, and the right neighbour of that. At the
/// right and lower edges these are other bytes of the image or zeros, to which interpolation gives a weight of exactly 0.
@inline(__always)
private func fillNeighbours(_ pixels: UnsafePointer<UInt8>, into table: UnsafeMutablePointer<UInt32>) {
  var padded = InlineArray<832, UInt8>(repeating: 0)
  withPointer(to: &padded) { bytes in
    bytes.update(from: pixels, count: imagePixels)
    forEachVector(imagePixels) { at in
      let upper = target_cpu_load_bytes(bytes + at) | target_cpu_load_bytes(bytes + at + 1) &<< 8
      let below = bytes + (at + imageSide)
      let lower = target_cpu_load_bytes(below) &<< 16 | target_cpu_load_bytes(below + 1) &<< 24
      UnsafeMutableRawPointer(table + at).storeBytes(of: upper | lower, as: WordLanes.self)
    }
  }
}

@inline(__always)
private func coordinate(_ x: Lanes, _ xFactor: Float, _ y: Lanes, _ yFactor: Float, _ origin: Float) -> Lanes {
  Lanes(repeating: origin).adding(product: y, Lanes(repeating: yFactor)).adding(
    product: x, Lanes(repeating: xFactor))
}
