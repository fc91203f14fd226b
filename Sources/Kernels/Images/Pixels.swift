import CTargetCPU

/// Scales pixels from 0-255 to [0, 1]: pixel / 255, correctly rounded.
///
/// - Parameter rows: where the numbers go; by default, one after the other.
public func pixelsToUnit(
  _ pixels: UnsafePointer<UInt8>, into output: UnsafeMutablePointer<Float>, count: Int, _ rows: SampleRows? = nil
) {
  placePixels(pixels, into: output, count: count, rows, UnitPixels())
}

/// Pixels as they are, from 0 to 255.
///
/// - Parameter rows: where the numbers go; by default, one after the other.
public func pixelsRaw(
  _ pixels: UnsafePointer<UInt8>, into output: UnsafeMutablePointer<Float>, count: Int, _ rows: SampleRows? = nil
) {
  placePixels(pixels, into: output, count: count, rows, RawPixels())
}

/// Begins to bring an image of `count` bytes into the first-level cache, as far as the CPU would not follow by itself.
public func prefetchPixels(_ pixels: UnsafePointer<UInt8>, count: Int) {
  for at in stride(from: 0, to: min(count, 1024), by: 64) { target_cpu_prefetch(pixels + at) }
}

/// What becomes of a pixel, 0 to 255.
protocol PixelConversion {
  func number(_ pixel: Lanes) -> Lanes
}

private struct RawPixels: PixelConversion {
  @inline(__always)
  func number(_ pixel: Lanes) -> Lanes { pixel }
}

/// The product with 1 / 255 is off by one place for some pixels; its remainder, which is exact, corrects it.
private struct UnitPixels: PixelConversion {
  @inline(__always)
  func number(_ pixel: Lanes) -> Lanes {
    let factor = Lanes(repeating: 1 / 255)
    let quotient = pixel * factor
    return quotient.adding(product: pixel.adding(product: quotient, Lanes(repeating: -255)), factor)
  }
}

/// Writes what becomes of an image's bytes to its place in `rows`: rows of at least a vector by whole vectors, the last of
/// which may overlap the one before, shorter ones number by number.
@inline(__always)
func placePixels<Conversion: PixelConversion>(
  _ pixels: UnsafePointer<UInt8>, into output: UnsafeMutablePointer<Float>, count: Int, _ rows: SampleRows?,
  _ conversion: Conversion
) {
  let rows = rows ?? SampleRows(length: count, stride: count)
  if rows.length >= Lanes.scalarCount {
    placeLongRows(pixels, into: output, count: count, rows, conversion)
  } else {
    placeShortRows(pixels, into: output, count: count, rows, conversion)
  }
}

@inline(__always)
private func placeLongRows<Conversion: PixelConversion>(
  _ pixels: UnsafePointer<UInt8>, into output: UnsafeMutablePointer<Float>, count: Int, _ rows: SampleRows,
  _ conversion: Conversion
) {
  let last = rows.length &- Lanes.scalarCount
  var (source, target, rest) = (pixels, output, count)
  while rest > 0 {
    var at = 0
    while at < last {
      conversion.number(target_cpu_numbers(target_cpu_load_bytes(source + at))).store(target + at)
      at &+= Lanes.scalarCount
    }
    conversion.number(target_cpu_numbers(target_cpu_load_bytes(source + last))).store(target + last)
    source += rows.length
    target += rows.stride
    rest &-= rows.length
  }
}

@inline(__always)
private func placeShortRows<Conversion: PixelConversion>(
  _ pixels: UnsafePointer<UInt8>, into output: UnsafeMutablePointer<Float>, count: Int, _ rows: SampleRows,
  _ conversion: Conversion
) {
  var (target, column, at) = (output, 0, 0)
  while at < count {
    let isWhole = at &+ Lanes.scalarCount <= count
    let numbers = conversion.number(
      isWhole ? target_cpu_numbers(target_cpu_load_bytes(pixels + at)) : Lanes(repeating: Float(pixels[at])))
    if rows.length == 1 && isWhole {
      for lane in 0..<Lanes.scalarCount { target[lane &* rows.stride] = numbers[lane] }
      target += Lanes.scalarCount &* rows.stride
    } else {
      for lane in 0..<(isWhole ? Lanes.scalarCount : 1) {
        target[column] = numbers[lane]
        column &+= 1
        if column == rows.length {
          target += rows.stride
          column = 0
        }
      }
    }
    at &+= isWhole ? Lanes.scalarCount : 1
  }
}
