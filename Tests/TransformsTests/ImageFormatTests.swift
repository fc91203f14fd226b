import Datasets
import Kernels
import TestFiles
import TestTags
import Testing
import Transforms

@Suite("Augmentation and corruption take images of any format", .tags(.bits))
struct ImageFormatTests {
  static let formats = [
    ImageFormat(height: 1, width: 1), ImageFormat(height: 1, width: 9), ImageFormat(height: 5, width: 7, channels: 3),
    ImageFormat(height: 32, width: 32, channels: 3), ImageFormat(height: 64, width: 48),
  ]

  static func image(_ format: ImageFormat) -> [UInt8] {
    (0..<format.count).map { at in
      let pixel = at / format.channels
      return UInt8(60 + pixel % format.width * 2 + pixel / format.width + 20 * (at % format.channels))
    }
  }

  static func augmented(_ ranges: AugmentationRanges, _ format: ImageFormat, row: Int) -> [UInt8] {
    let image = image(format)
    var output = image
    Augmenter(ranges, format).augment(image, seed: 1, epoch: 2, row: row, into: &output)
    return output
  }

  /// Every range at its limit.
  static let all = AugmentationRanges(
    rotation: 45, shift: 28, zoom: 0.9, constantPaddingProbability: 0.5, brightness: 1, contrast: 1,
    lightingGradient: 1,
    noise: 255, blur: 1, randomErasing: 28)

  /// Digests from when 28 x 28 was the only format.
  static let recorded: [(ranges: AugmentationRanges, digest: UInt64)] = [
    (.best, 0xeca0_baf8_4309_ed75), (all, 0x4af7_f6d4_6f2f_c471),
  ]

  @Test(arguments: recorded)
  func `The recorded bytes of a thousand gray images of 28 x 28`(_ ranges: AugmentationRanges, _ recorded: UInt64) {
    // Slopes with noise from a xorshift generator.
    var state: UInt64 = 88_172_645_463_325_252
    let images = (0..<64).map { image in
      (0..<784).map { at -> UInt8 in
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        let slope = 128 + 5 * (at % 28 - 14) - 3 * (at / 28 - 14)
        return UInt8(max(0, min(255, slope + Int(state & 63) - 32 + image)))
      }
    }
    let augmenter = Augmenter(ranges, .mnist)
    var output = [UInt8](repeating: 0, count: 784)
    let bytes = (0..<1000).flatMap { row in
      augmenter.augment(images[row % 64], seed: 77, epoch: 3, row: row, into: &output)
      return output
    }
    #expect(fnv1a(bytes) == recorded)
  }

  @Test(arguments: formats)
  func `Nothing in range changes nothing, and every row is changed in its own way`(_ format: ImageFormat) {
    #expect(Self.augmented(.none, format, row: 3) == Self.image(format))
    let rows = (0..<40).map { Self.augmented(.best, format, row: $0) }
    #expect(Set(rows).count > 20)
    #expect(rows == (0..<40).map { Self.augmented(.best, format, row: $0) })
  }

  @Test func `Images are augmented up to 2,097,152 pixels`() {
    for (height, width, isTaken) in [
      (1448, 1448, true), (1, 1 << 21, true), (1449, 1448, false), (1 << 40, 1 << 40, false),
    ] {
      #expect(Augmenter.takes(ImageFormat(height: height, width: width, channels: 3)) == isTaken)
    }
  }

  @Test func `An augmenter leaves nothing behind for the next image`() {
    let format = ImageFormat(height: 5, width: 7, channels: 3)
    let augmenter = Augmenter(Self.all, format)
    var output = [UInt8](repeating: 0, count: format.count)
    for row in (0..<50) + (0..<50).reversed() {
      augmenter.augment(Self.image(format), seed: 1, epoch: 2, row: row, into: &output)
      #expect(output == Self.augmented(Self.all, format, row: row), "row \(row)")
    }
  }

  @Test(arguments: formats)
  func `The draws are those of other formats, scaled to the image where they are places`(_ format: ImageFormat) {
    var (places, lights) = (Set<SIMD2<Int>>(), SIMD2<Float>())
    for row in 0..<2000 {
      let change = Self.all.change(seed: 3, epoch: 1, row: row, format: format)
      let square = Self.all.change(seed: 3, epoch: 1, row: row, format: .mnist)
      #expect([change.contrast, change.noise, change.blur] == [square.contrast, square.noise, square.blur])
      #expect(change.geometry?.ux == square.geometry?.ux && change.geometry?.uy == square.geometry?.uy)
      if let cutout = change.cutout {
        places.insert(SIMD2(cutout.left + cutout.width / 2, cutout.top + cutout.height / 2))
      }
      let slope = change.lightingGradient
      lights = SIMD2(max(lights.x, abs(slope.x)), max(lights.y, abs(slope.y)))
    }
    #expect(Set(places.map(\.x)) == Set(0..<format.width) && Set(places.map(\.y)) == Set(0..<format.height))
    // White is reached at the outermost pixels, which are half the side less a half from the center.
    for (most, side) in [(lights.x, format.width), (lights.y, format.height)] {
      let reached = most * Float(side - 1) / 2
      #expect(side == 1 ? most == 0 : reached > 250 && reached <= 255.01)
    }
  }

  @Test(arguments: formats, Corruption.Kind.allCases)
  func `A corruption treats the channels alike, apart from the noise`(_ format: ImageFormat, _ kind: Corruption.Kind) {
    let gray = ImageFormat(height: format.height, width: format.width)
    let colour = ImageFormat(height: format.height, width: format.width, channels: 3)
    let image = Self.image(gray)
    for row in 0..<5 {
      let one = Corruption(kind, seed: 5).image(image, format: gray, row: row)
      let three = Corruption(kind, seed: 5).image(image.flatMap { [$0, $0, $0] }, format: colour, row: row)
      let channels = (0..<3).map { channel in stride(from: channel, to: three.count, by: 3).map { three[$0] } }
      #expect(one.count == image.count && three.count == 3 * image.count)
      if kind == .noise {
        #expect(channels[0] != channels[1] && channels[1] != channels[2])
      } else {
        #expect(channels == [one, one, one], "row \(row)")
      }
    }
  }

  @Test func `A corruption of an uneven image turns and shifts it about its own center`() {
    let format = ImageFormat(height: 9, width: 41)
    var spot = [UInt8](repeating: 0, count: format.count)
    spot[41 * 4 + 20] = 255
    for row in 0..<50 {
      for kind in [Corruption.Kind.rotation, .zoom] {
        #expect(Corruption(kind, seed: 2).image(spot, format: format, row: row)[41 * 4 + 20] == 255, "\(kind)")
      }
      let occluded = Corruption(.occlusion, seed: 2).image(spot, format: format, row: row)
      #expect(occluded.count { $0 != 0 } >= 36 - 1 || occluded.count { $0 != 0 } <= 1)
    }
    // Fewer than 6 rows are covered from top to bottom.
    let low = ImageFormat(height: 2, width: 12)
    let covered = Corruption(.occlusion, seed: 2).image([UInt8](repeating: 7, count: 24), format: low, row: 0)
    #expect(covered.count { $0 != 7 } == 12)
  }
}
