import CTargetCPU

/// Scales pixels from 0-255 to [0, 1]: pixel / 255, correctly rounded.
///
/// The product with 1 / 255 is off by one place for some pixels; its remainder, which is exact, corrects it.
///
/// - Parameter rows: where the numbers go; by default, one after the other.
public func pixelsToUnit(
  _ pixels: UnsafePointer<UInt8>, into output: UnsafeMutablePointer<Float>, count: Int, _ rows: SampleRows? = nil
) {
  let factor = Lanes(repeating: 1 / 255)
  placePixels(pixels, into: output, count: count, rows) { pixel in
    let quotient = pixel * factor
    let remainder = pixel.adding(product: quotient, Lanes(repeating: -255))
    return quotient.adding(product: remainder, factor)
  }
}

/// Pixels as they are, from 0 to 255.
///
/// - Parameter rows: where the numbers go; by default, one after the other.
public func pixelsRaw(
  _ pixels: UnsafePointer<UInt8>, into output: UnsafeMutablePointer<Float>, count: Int, _ rows: SampleRows? = nil
) {
  placePixels(pixels, into: output, count: count, rows) { $0 }
}

/// Writes `convert` of each of an image's bytes to its place in `rows`: rows of at least a vector by whole vectors, the last
/// of which may overlap the one before, shorter ones number by number.
@inline(__always)
func placePixels(
  _ pixels: UnsafePointer<UInt8>, into output: UnsafeMutablePointer<Float>, count: Int, _ rows: SampleRows?,
  _ convert: (Lanes) -> Lanes
) {
  let rows = rows ?? SampleRows(length: count, stride: count)
  if rows.length >= Lanes.scalarCount {
    placeLongRows(pixels, into: output, count: count, rows, convert)
  } else {
    placeShortRows(pixels, into: output, count: count, rows, convert)
  }
}

@inline(__always)
private func placeLongRows(
  _ pixels: UnsafePointer<UInt8>, into output: UnsafeMutablePointer<Float>, count: Int, _ rows: SampleRows,
  _ convert: (Lanes) -> Lanes
) {
  let last = rows.length &- Lanes.scalarCount
  var (source, target) = (pixels, output)
  for _ in 0..<count / rows.length {
    var at = 0
    while true {
      convert(target_cpu_numbers(target_cpu_load_bytes(source + at))).store(target + at)
      if at == last { break }
      at = min(at &+ Lanes.scalarCount, last)
    }
    source += rows.length
    target += rows.stride
  }
}

@inline(__always)
private func placeShortRows(
  _ pixels: UnsafePointer<UInt8>, into output: UnsafeMutablePointer<Float>, count: Int, _ rows: SampleRows,
  _ convert: (Lanes) -> Lanes
) {
  var (target, column) = (output, 0)
  func place(_ number: Float) {
    target[column] = number
    column &+= 1
    if column == rows.length {
      target += rows.stride
      column = 0
    }
  }
  var at = 0
  while at &+ Lanes.scalarCount <= count {
    let numbers = convert(target_cpu_numbers(target_cpu_load_bytes(pixels + at)))
    for lane in 0..<Lanes.scalarCount { place(numbers[lane]) }
    at &+= Lanes.scalarCount
  }
  while at < count {
    place(convert(Lanes(repeating: Float(pixels[at])))[0])
    at &+= 1
  }
}
