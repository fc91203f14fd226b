import Kernels
import ReferenceKernels
import TestTags
import Testing

@Suite("Image kernels take images of any shape", .tags(.bits))
struct ImageShapeTests {
  static let shapes = [
    ImageShape(height: 1, width: 1), ImageShape(height: 1, width: 1, channels: 3), ImageShape(height: 1, width: 40),
    ImageShape(height: 33, width: 1), ImageShape(height: 2, width: 2), ImageShape(height: 5, width: 7),
    ImageShape(height: 5, width: 7, channels: 3), ImageShape(height: 28, width: 28, channels: 3),
    ImageShape(height: 32, width: 32, channels: 3), ImageShape(height: 64, width: 48),
    ImageShape(height: 48, width: 64, channels: 3), ImageShape(height: 17, width: 129),
  ]

  static func image(_ shape: ImageShape) -> [UInt8] {
    Inputs.numbers(8, shape.count).enumerated().map { i, texture in
      let (pixel, channel) = (i / shape.channels, i % shape.channels)
      let slope = Float(pixel % shape.width) * 9 - Float(pixel / shape.width) * 3 + 40 * Float(channel)
      return UInt8(max(0, min(255, slope + 40 * texture)))
    }
  }

  static func changes(_ shape: ImageShape) -> [ImageChange] {
    let maps = [
      AffineMap(rotation: 0.2, zoom: 1.1, shift: SIMD2(2.4, -1.3), in: shape),
      AffineMap(rotation: -0.7, zoom: 0.5, shift: SIMD2(-9.7, 30), in: shape),
    ]
    return [
      .init { $0.geometry = maps[0] }, .init { ($0.geometry, $0.padding) = (maps[1], 93.5) }, .init { $0.blur = 1 },
      .init { $0.noise = 31 }, .init { ($0.contrast, $0.brightness) = (1.3, -70) },
      .init { $0.lightingGradient = SIMD2(3.7, -5.1) },
      .init { $0.cutout = Cutout(left: shape.width / 2 - 2, top: -1, width: 4, height: 3, gray: 200) },
      .init {
        ($0.geometry, $0.padding, $0.blur, $0.noise) = (maps[0], 255, 0.5, 20)
        ($0.contrast, $0.brightness, $0.lightingGradient) = (1.2, 17.5, SIMD2(-4, 2))
        $0.cutout = Cutout(left: 0, top: shape.height - 1, width: 2, height: 9, gray: 0)
      },
    ]
  }

  @Test(arguments: shapes)
  func `An image changes as its scalar twin does`(_ shape: ImageShape) {
    let image = Self.image(shape)
    let size = ReferenceKernels.ImageSize(height: shape.height, width: shape.width, channels: shape.channels)
    for (n, change) in Self.changes(shape).enumerated() {
      for (seed, epoch, row) in [(0, 0, 0), (0xdead_beef_0bad_cafe, 3, 27454)] as [(UInt64, Int, Int)] {
        let twin = AugmentationTests.twin(change)
        let expected = ReferenceKernels.augment(image, size, twin, seed: seed, epoch: epoch, row: row)
        let found = AugmentationTests.augmented(image, change, shape, seed: seed, epoch: epoch, row: row)
        #expect(found == expected, "change \(n)")
      }
    }
  }

  @Test(arguments: shapes)
  func `No change, the identity map and a whole shift give the image's own bytes`(_ shape: ImageShape) {
    let image = Self.image(shape)
    #expect(AugmentationTests.augmented(image, ImageChange(), shape) == image)
    var change = ImageChange()
    change.geometry = AffineMap(rotation: 0, zoom: 1, shift: SIMD2(0, 0), in: shape)
    #expect(AugmentationTests.augmented(image, change, shape) == image)
    change.geometry = AffineMap(rotation: 0, zoom: 1, shift: SIMD2(3, -2), in: shape)
    let shifted: [UInt8] = (0..<shape.count).map { i in
      let (pixel, channel) = (i / shape.channels, i % shape.channels)
      let (column, row) = (max(pixel % shape.width - 3, 0), min(pixel / shape.width + 2, shape.height - 1))
      return image[(shape.width * row + column) * shape.channels + channel]
    }
    #expect(AugmentationTests.augmented(image, change, shape) == shifted)
  }

  @Test func `The channels of an image move and light up alike, and have their own noise`() {
    let (gray, colour) = (ImageShape(height: 20, width: 13), ImageShape(height: 20, width: 13, channels: 3))
    let image = Self.image(gray)
    let tripled = image.flatMap { [$0, $0, $0] }
    for (n, change) in Self.changes(gray).enumerated() {
      let (one, three) = (
        AugmentationTests.augmented(image, change, gray), AugmentationTests.augmented(tripled, change, colour)
      )
      let channels = (0..<3).map { channel in stride(from: channel, to: 780, by: 3).map { three[$0] } }
      #expect(channels[0] == one, "change \(n)")
      if change.noise == 0 {
        #expect(channels[1] == one && channels[2] == one, "change \(n)")
      } else {
        #expect(channels[1] != one && channels[2] != one && channels[1] != channels[2], "change \(n)")
      }
    }
  }

  @Test func `The largest image keeps its columns and rows apart`() {
    // At 1448 columns a rounded row number would show as a seam.
    for shape in [ImageShape(height: 1448, width: 1448), ImageShape(height: 2, width: ImageShape.maximumPixels / 2)] {
      let image = (0..<shape.count).map { UInt8(truncatingIfNeeded: $0 % shape.width * 5 + $0 / shape.width * 3) }
      var change = ImageChange()
      change.geometry = AffineMap(rotation: 0, zoom: 1, shift: SIMD2(0, 0), in: shape)
      #expect(AugmentationTests.augmented(image, change, shape) == image)
    }
  }
}

extension ImageChange {
  fileprivate init(_ set: (inout ImageChange) -> Void) {
    self.init()
    set(&self)
  }
}
