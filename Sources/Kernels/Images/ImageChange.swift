import CTargetCPU

/// What becomes of one image, in this order: its geometry, blur, shading, contrast and brightness, noise; then, as in a
/// camera, the gray levels are cut to 0 ... 255 and rounded; and a part may be hidden.
public struct ImageChange: Equatable, Sendable {
  /// Where the pixels come from; nil leaves them where they are.
  public var geometry: AffineMap?
  /// The gray level of what `geometry` takes from outside the image; nil repeats the edges.
  public var padding: Float?
  /// The standard deviation of the blur in pixels, at most 1; 0 for none.
  public var blur: Float = 0
  /// What is added to the gray levels for each pixel to the right of the image's middle, and for each below it.
  public var lightingGradient = SIMD2<Float>()
  /// The factor of the gray levels' distance from 127.5.
  public var contrast: Float = 1
  /// What is added to the gray levels.
  public var brightness: Float = 0
  /// The standard deviation of the noise in gray levels; 0 for none.
  public var noise: Float = 0
  /// What is hidden; nil for nothing.
  public var erasing: ErasedRectangle?

  /// No change.
  public init() {}
}

/// Writes 784 bytes: `pixels` with `change`. The noise is drawn for `key`.
///
/// A noise number is the sum of four nibbles of a word of Philox, less its mean, in units of its standard deviation: nearly normal
/// (excess kurtosis -0.3, no number beyond 3.26 standard deviations, steps of 0.11). Pixel 128 g + 64 h + 16 w + r (h = 0 or 1, w < 4,
/// r < 16) takes half h of word w of the block at counter 16 + 16 g + r / 2 for even r, 24 + 16 g + r / 2 for odd r.
public func augmentImage(
  _ pixels: UnsafePointer<UInt8>, _ change: ImageChange, _ key: RowKey, into output: UnsafeMutablePointer<UInt8>
) {
  var room = InlineArray<912, Float>(repeating: 0)
  withPointer(to: &room) { room in
    let gray = room + 2 * imageSide
    if let geometry = change.geometry {
      resampleImage(pixels, geometry, padding: change.padding, into: gray)
    } else {
      forEachVector(imagePixels) { target_cpu_numbers(target_cpu_load_bytes(pixels + $0)).store(gray + $0) }
    }
    if change.blur > 0 { blurImage(gray, deviation: change.blur) }
    if change.lightingGradient != SIMD2() { addLightingGradient(gray, slope: change.lightingGradient) }
    lightImage(gray, change, key, into: output)
  }
  if let erasing = change.erasing { eraseRectangle(erasing, of: output) }
}

/// Writes 784 gray levels as bytes, with the change's contrast, brightness and noise.
@inline(__always)
private func lightImage(
  _ gray: UnsafePointer<Float>, _ change: ImageChange, _ key: RowKey, into output: UnsafeMutablePointer<UInt8>
) {
  let factor = Lanes(repeating: change.contrast)
  let base = (1 - change.contrast) * 127.5 + change.brightness
  guard change.noise > 0 else {
    forEachVector(imagePixels) {
      storeGray(Lanes(repeating: base).adding(product: .load(gray + $0), factor), output + $0)
    }
    return
  }
  let unit = change.noise / nibbleSumDeviation
  let origin = base - nibbleSumMean * unit
  forEachNoiseVector(key) { sums, at in
    let lit = Lanes(repeating: origin).adding(product: .load(gray + at), factor)
    storeGray(lit.adding(product: target_cpu_numbers(sums), Lanes(repeating: unit)), output + at)
  }
}

/// The mean and the standard deviation, √85, of the sum of four nibbles.
private let nibbleSumMean: Float = 30, nibbleSumDeviation: Float = 9.219544

/// Cuts to what a byte holds, rounds (halves up) and stores.
@inline(__always)
private func storeGray(_ value: Lanes, _ output: UnsafeMutablePointer<UInt8>) {
  target_cpu_store_bytes(target_cpu_truncated(value.clamped(0, 255) + Lanes(repeating: 0.5)), output)
}

/// Calls `body` with the sums of four nibbles for each vector of the 784 pixels, and its first pixel.
@inline(__always)
private func forEachNoiseVector(_ key: RowKey, _ body: (WordLanes, Int) -> Void) {
  var group = 0
  while 128 &* group < imagePixels {
    var block = 0
    while block < 8 {
      let first = UInt32(16 &+ 16 &* group &+ block)
      let low = philoxWide(key, .augmentation, firstBlock: first)
      let high = philoxWide(key, .augmentation, firstBlock: first &+ 8)
      let at = 128 &* group &+ 2 &* block
      addNibbles(low.0 | high.0 &<< 32, at, body)
      addNibbles(low.1 | high.1 &<< 32, at &+ 16, body)
      addNibbles(low.2 | high.2 &<< 32, at &+ 32, body)
      addNibbles(low.3 | high.3 &<< 32, at &+ 48, body)
      block &+= WideLanes.scalarCount
    }
    group &+= 1
  }
}

/// Hands over the sums of the nibbles of each word's low half, and of its high half for the pixels 64 further; pixels beyond
/// the image are left out.
@inline(__always)
private func addNibbles(_ wide: WideLanes, _ at: Int, _ body: (WordLanes, Int) -> Void) {
  let words = unsafeBitCast(wide, to: WordLanes.self)
  let nibbles = WordLanes(repeating: 0x0F0F_0F0F), bytes = WordLanes(repeating: 0x00FF_00FF)
  let pairs = (words & nibbles) &+ (words &>> 4 & nibbles)
  let sums = (pairs & bytes) &+ (pairs &>> 8 & bytes)
  if at < imagePixels { body(sums & WordLanes(repeating: 0xFFFF), at) }
  if at &+ 64 < imagePixels { body(sums &>> 16, at &+ 64) }
}
