import CTargetCPU

/// The transforms of one image, applied in this order: geometry, blur, lighting gradient, contrast and brightness, noise;
/// then the gray levels are clamped to 0 ... 255 and rounded, as by a camera; last, random erasing.
public struct ImageChange: Equatable, Sendable {
  /// The map from output to source pixels; nil for none.
  public var geometry: AffineMap?
  /// The padding mode outside the image: constant padding with this gray level, or replicate padding if nil.
  public var padding: Float?
  /// The standard deviation of the blur in pixels, at most 1; 0 for none.
  public var blur: Float = 0
  /// The lighting gradient: gray levels added per pixel to the right of the center, and per pixel below it.
  public var lightingGradient = SIMD2<Float>()
  /// The factor of the gray levels' distance from 127.5.
  public var contrast: Float = 1
  /// The offset added to the gray levels.
  public var brightness: Float = 0
  /// The standard deviation of the noise in gray levels; 0 for none.
  public var noise: Float = 0
  /// The rectangle of random erasing; nil for none.
  public var cutout: Cutout?

  /// No change.
  public init() {}
}

/// Applies `change` to an image: reads `shape.count` bytes, writes as many. The noise is drawn for `key`.
///
/// All channels of an image change alike, apart from the noise, which is drawn for each. The channels are computed one by one.
///
/// A noise value is the sum of four nibbles of a Philox word, minus its mean, divided by its standard deviation: nearly
/// normal (excess kurtosis -0.3, no value beyond 3.26 standard deviations, in steps of 0.11). Pixel 128 g + 64 h + 16 w +
/// r (h = 0 or 1, w < 4, r < 16) of the first channel takes half h of word w of the block at counter 16 + 16 g + r / 2 for
/// even r, 24 + 16 g + r / 2 for odd r. Each further channel begins a group of 128 after the last one of the channel before.
public func augmentImage(
  _ pixels: UnsafePointer<UInt8>, _ shape: ImageShape, _ change: ImageChange, _ key: RowKey, scratch: ImageScratch,
  into output: UnsafeMutablePointer<UInt8>
) {
  // One channel of whole vectors needs no copy beside it.
  if shape.channels == 1, shape.pixels % Lanes.scalarCount == 0 {
    if change.geometry != nil { scratch.source.update(from: pixels, count: shape.pixels) }
    augmentChannel(pixels, shape, channel: 0, change, key, scratch, into: output)
  } else {
    for channel in 0..<shape.channels {
      copy(pixels + channel, every: shape.channels, to: scratch.source, every: 1, count: shape.pixels)
      augmentChannel(scratch.source, shape, channel: channel, change, key, scratch, into: scratch.target)
      copy(scratch.target, every: 1, to: output + channel, every: shape.channels, count: shape.pixels)
    }
  }
  if let cutout = change.cutout { applyCutout(cutout, shape, to: output) }
}

@inline(__always)
private func copy(
  _ source: UnsafePointer<UInt8>, every sourceStride: Int, to target: UnsafeMutablePointer<UInt8>,
  every targetStride: Int, count: Int
) {
  for at in 0..<count { target[at &* targetStride] = source[at &* sourceStride] }
}

/// Changes the bytes of one channel, in whole vectors: up to 15 bytes more are read and written. Where there is a geometry,
/// `scratch.source` has the bytes as well.
private func augmentChannel(
  _ pixels: UnsafePointer<UInt8>, _ shape: ImageShape, channel: Int, _ change: ImageChange, _ key: RowKey,
  _ scratch: ImageScratch, into output: UnsafeMutablePointer<UInt8>
) {
  let (height, width, count) = (shape.height, shape.width, shape.pixels)
  let gray = scratch.gray
  if let geometry = change.geometry {
    resampleImage(scratch, height: height, width: width, geometry, padding: change.padding)
  } else {
    for at in vectors(count) { target_cpu_numbers(target_cpu_load_bytes(pixels + at)).store(gray + at) }
  }
  if change.blur > 0 { blurImage(scratch, height: height, width: width, standardDeviation: change.blur) }
  if change.lightingGradient != SIMD2() {
    addLightingGradient(gray, height: height, width: width, slope: change.lightingGradient)
  }
  jitterImage(gray, count: count, channel: channel, change, key, into: output)
}

/// Applies contrast, brightness and noise to the gray levels of a channel and stores them as bytes.
@inline(__always)
private func jitterImage(
  _ gray: UnsafePointer<Float>, count: Int, channel: Int, _ change: ImageChange, _ key: RowKey,
  into output: UnsafeMutablePointer<UInt8>
) {
  let factor = Lanes(repeating: change.contrast)
  let base = (1 - change.contrast) * 127.5 + change.brightness
  guard change.noise > 0 else {
    for at in vectors(count) {
      storeGray(Lanes(repeating: base).adding(product: .load(gray + at), factor), output + at)
    }
    return
  }
  let unit = change.noise / nibbleSumStandardDeviation
  let origin = base - nibbleSumMean * unit
  forEachNoiseVector(key, count: count, channel: channel) { sums, at in
    let jittered = Lanes(repeating: origin).adding(product: .load(gray + at), factor)
    storeGray(jittered.adding(product: target_cpu_numbers(sums), Lanes(repeating: unit)), output + at)
  }
}

/// The mean and the standard deviation, √85, of the sum of four nibbles.
private let nibbleSumMean: Float = 30, nibbleSumStandardDeviation: Float = 9.219544

/// Clamps to 0 ... 255, rounds (halves up) and stores as bytes.
@inline(__always)
private func storeGray(_ value: Lanes, _ output: UnsafeMutablePointer<UInt8>) {
  target_cpu_store_bytes(target_cpu_truncated(value.clamped(0, 255) + Lanes(repeating: 0.5)), output)
}

/// Calls `body` for each vector of a channel of `count` pixels, with its sums of four nibbles and the index of its first pixel.
@inline(__always)
private func forEachNoiseVector(_ key: RowKey, count: Int, channel: Int, _ body: (WordLanes, Int) -> Void) {
  let firstGroup = channel &* ((count &+ 127) / 128)
  var group = 0
  while 128 &* group < count {
    var block = 0
    while block < 8 {
      let first = UInt32(truncatingIfNeeded: 16 &+ 16 &* (firstGroup &+ group) &+ block)
      let words = philoxWide(key, .augmentation, firstBlocks: [first, first &+ 8])
      let (low, high) = (words[0], words[1])
      let at = 128 &* group &+ 2 &* block
      addNibbles(low.c0, high.c0, at, count, body)
      addNibbles(low.c1, high.c1, at &+ 16, count, body)
      addNibbles(low.c2, high.c2, at &+ 32, count, body)
      addNibbles(low.c3, high.c3, at &+ 48, count, body)
      block &+= WideLanes.scalarCount
    }
    group &+= 1
  }
}

/// Passes on the sums of the nibbles of each word's low half (`even` and `odd` have the words in turn), and those of its high
/// half for the pixels 64 further on, unless they are past the image.
@inline(__always)
private func addNibbles(
  _ even: WideLanes, _ odd: WideLanes, _ at: Int, _ count: Int, _ body: (WordLanes, Int) -> Void
) {
  let words = alternating(even, odd)
  let nibbles = WordLanes(repeating: 0x0F0F_0F0F), bytes = WordLanes(repeating: 0x00FF_00FF)
  let pairs = (words & nibbles) &+ (words &>> 4 & nibbles)
  let sums = (pairs & bytes) &+ (pairs &>> 8 & bytes)
  if at < count { body(sums & WordLanes(repeating: 0xFFFF), at) }
  if at &+ 64 < count { body(sums &>> 16, at &+ 64) }
}
