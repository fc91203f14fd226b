import Kernels
import ReferenceKernels
import TestTags
import Testing

@Suite("Image kernels change an image as their scalar twins do", .tags(.bits))
struct AugmentationTests {
  /// Bytes by formula: smooth, with both extremes and some texture.
  static let image: [UInt8] = Inputs.numbers(8, 784).enumerated().map { i, texture in
    let slope = Float(i % 28) * 12 - Float(i / 28) * 3
    return UInt8(max(0, min(255, slope + 40 * texture)))
  }

  static let shape = ImageShape(height: 28, width: 28)

  static let maps = [
    AffineMap(rotation: 0.2, zoom: 1.1, shift: SIMD2(2.4, -1.3), in: shape),
    AffineMap(rotation: -0.7, zoom: 0.5, shift: SIMD2(-9.7, 30), in: shape),
    AffineMap(rotation: 0, zoom: 1, shift: SIMD2(0, 0), in: shape),
  ]

  struct Change: Sendable {
    var change = ImageChange()
    var row = 5
    init(_ set: (inout ImageChange) -> Void) { set(&change) }
  }

  static let changes: [Change] =
    maps.map { map in Change { $0.geometry = map } }
    + [
      Change { _ in }, Change { $0.blur = 1 }, Change { $0.blur = 0.3 }, Change { $0.noise = 20 },
      Change { ($0.contrast, $0.brightness) = (1.3, -70) }, Change { ($0.contrast, $0.brightness) = (0.7, 76.5) },
      Change { ($0.geometry, $0.blur, $0.contrast, $0.brightness, $0.noise) = (maps[0], 0.5, 1.2, 17.5, 31) },
      Change { ($0.geometry, $0.blur, $0.contrast, $0.brightness, $0.noise) = (maps[1], 0.9, 0, 255, 255) },
    ]

  /// Changes that were added later, apart so that the recorded bits of the others stay.
  static let laterChanges: [Change] =
    maps.map { map in Change { ($0.geometry, $0.padding) = (map, 93.5) } }
    + [
      Change { $0.lightingGradient = SIMD2(3.7, -5.1) },
      Change { ($0.lightingGradient, $0.noise) = (SIMD2(0, 18.9), 12) },
      Change { $0.cutout = Cutout(left: 3, top: 20, width: 7, height: 4, gray: 255) },
      Change { $0.cutout = Cutout(left: -5, top: 24, width: 9, height: 14, gray: 17) },
      Change {
        ($0.geometry, $0.padding, $0.blur) = (maps[0], 255, 0.5)
        ($0.contrast, $0.brightness, $0.noise) = (1.2, 17.5, 31)
        ($0.lightingGradient, $0.cutout) = (
          SIMD2(-4, 2), Cutout(left: 10, top: -1, width: 28, height: 3, gray: 0)
        )
      },
    ]

  static func augmented(
    _ image: [UInt8], _ change: ImageChange, _ shape: ImageShape = shape, seed: UInt64 = 1, epoch: Int = 0,
    row: Int = 0
  ) -> [UInt8] {
    var output = [UInt8](repeating: 77, count: shape.count + 64)
    let bytes = ImageScratch.byteCount(shape)
    // What the scratch memory holds before, and the bytes after the image, have no part in the result.
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes + 64, alignment: 64)
    defer { memory.deallocate() }
    memory.initializeMemory(as: UInt8.self, repeating: 0x2B)
    let scratch = ImageScratch(shape, memory: memory.baseAddress!)
    augmentImage(image, shape, change, RowKey(seed: seed, epoch: epoch, row: row), scratch: scratch, into: &output)
    #expect(output.suffix(64).allSatisfy { $0 == 77 }, "the kernel writes beyond its output")
    #expect(memory[bytes...].allSatisfy { $0 == 0x2B }, "the kernel writes beyond its scratch memory")
    return Array(output.prefix(shape.count))
  }

  /// The scalar twin's form of a change.
  static func twin(_ change: ImageChange) -> ReferenceKernels.Change {
    var twin = ReferenceKernels.Change()
    twin.map = change.geometry.map { ($0.ux, $0.uy, $0.u0, $0.vx, $0.vy, $0.v0) }
    twin.padding = change.padding
    twin.cutout = change.cutout.map { ($0.left, $0.top, $0.width, $0.height, $0.gray) }
    (twin.blur, twin.contrast, twin.brightness, twin.noise) = (
      change.blur, change.contrast, change.brightness, change.noise
    )
    twin.slope = change.lightingGradient
    return twin
  }

  @Test(arguments: 0..<(changes + laterChanges).count)
  func `An image changes as its scalar twin does`(_ index: Int) {
    let change = (Self.changes + Self.laterChanges)[index].change
    for (seed, epoch, row) in [(0, 0, 0), (0xdead_beef_0bad_cafe, 3, 27454), (.max, 79, 7)] as [(UInt64, Int, Int)] {
      let expected = ReferenceKernels.augment(
        Self.image, ReferenceKernels.ImageSize(height: 28, width: 28), Self.twin(change), seed: seed, epoch: epoch,
        row: row)
      #expect(Self.augmented(Self.image, change, seed: seed, epoch: epoch, row: row) == expected)
    }
  }

  @Test func `Constant padding has the gray level that is asked for`() {
    var change = ImageChange()
    (change.geometry, change.padding) = (AffineMap(rotation: 0, zoom: 1, shift: SIMD2(2.5, -1), in: Self.shape), 77)
    let moved = Self.augmented(Self.image, change)
    for (i, value) in moved.enumerated() {
      // Column 2 would need what is half a pixel before column 0.
      if i % 28 < 3 || i / 28 == 27 { #expect(value == 77, "pixel \(i)") }
    }
    change.padding = nil
    let repeated = Self.augmented(Self.image, change)
    let differing = (0..<784).filter { moved[$0] != repeated[$0] }
    #expect(!differing.isEmpty)
    for i in differing { #expect(i % 28 < 3 || i / 28 == 27, "pixel \(i)") }
  }

  @Test func `A lighting gradient changes the edges and leaves the middle`() {
    let gray = [UInt8](repeating: 100, count: 784)
    var change = ImageChange()
    change.lightingGradient = SIMD2(2, -4)
    let lit: [UInt8] = Self.augmented(gray, change)
    // 13.5 pixels of 2 and of 4 gray levels to either side.
    #expect([lit[0], lit[27], lit[756], lit[783]] == [127, 181, 19, 73])
    let sum = lit.reduce(0) { $0 + Int($1) }
    #expect(sum == 78400)
  }

  @Test func `Random erasing fills its rectangle, as far as it lies in the image`() {
    for (left, top, area) in [(4, 20, 6 * 5), (-2, -3, 4 * 2), (25, 26, 3 * 2), (28, 3, 0), (-6, 3, 0), (3, 40, 0)] {
      var change = ImageChange()
      change.cutout = Cutout(left: left, top: top, width: 6, height: 5, gray: 254)
      let filled = Self.augmented([UInt8](repeating: 9, count: 784), change)
      #expect(filled.count { $0 == 254 } == area && filled.count { $0 == 9 } == 784 - area, "at \(left), \(top)")
      if area > 0 { #expect(filled[28 * max(top, 0) + max(left, 0)] == 254) }
    }
  }

  @Test func `No change, the identity map and a whole shift give the image's own bytes`() {
    #expect(Self.augmented(Self.image, ImageChange()) == Self.image)
    var change = ImageChange()
    change.geometry = AffineMap(rotation: 0, zoom: 1, shift: SIMD2(0, 0), in: Self.shape)
    #expect(Self.augmented(Self.image, change) == Self.image)
    change.geometry = AffineMap(rotation: 0, zoom: 1, shift: SIMD2(3, -2), in: Self.shape)
    let shifted: [UInt8] = (0..<784).map { (i: Int) -> UInt8 in
      let (column, row) = (max(i % 28 - 3, 0), min(i / 28 + 2, 27))
      return Self.image[28 * row + column]
    }
    #expect(Self.augmented(Self.image, change) == shifted)
  }

  @Test func `Rotation is clockwise, zoom grows, and shift moves to the right and down`() {
    // A light spot at (20, 13.5): right of the middle.
    var spot = [UInt8](repeating: 0, count: 784)
    for row in 13...14 { spot[28 * row + 20] = 255 }
    func middle(_ map: AffineMap) -> (x: Double, y: Double) {
      var change = ImageChange()
      change.geometry = map
      var (sum, x, y) = (0.0, 0.0, 0.0)
      for (i, value) in Self.augmented(spot, change).enumerated() {
        sum += Double(value)
        x += Double(value) * Double(i % 28)
        y += Double(value) * Double(i / 28)
      }
      return (x / sum, y / sum)
    }
    let turned = middle(AffineMap(rotation: Double.pi / 6, zoom: 1, shift: SIMD2(0, 0), in: Self.shape))
    #expect(abs(turned.x - (13.5 + 6.5 * 0.8660)) < 0.1 && abs(turned.y - (13.5 + 6.5 * 0.5)) < 0.1)
    let grown = middle(AffineMap(rotation: 0, zoom: 1.5, shift: SIMD2(0, 0), in: Self.shape))
    #expect(abs(grown.x - (13.5 + 6.5 * 1.5)) < 0.1 && abs(grown.y - 13.5) < 0.1)
    let moved = middle(AffineMap(rotation: 0, zoom: 1, shift: SIMD2(-2.5, 4.25), in: Self.shape))
    #expect(abs(moved.x - 17.5) < 0.05 && abs(moved.y - 17.75) < 0.05)
  }

  @Test func `Sine and cosine to 1e-15`() {
    // The squares of both must add up to 1, and the half-angle formulas must hold, down from the angles that are known.
    #expect(abs(sineAndCosine(.pi / 4).sine - 0.5.squareRoot()) < 1e-15)
    #expect(abs(sineAndCosine(.pi / 6).sine - 0.5) < 1e-15)
    #expect(abs(sineAndCosine(-.pi / 6).cosine - 0.75.squareRoot()) < 1e-15)
    for step in -100...100 {
      let angle = Double(step) * .pi / 400
      let (whole, half) = (sineAndCosine(angle), sineAndCosine(angle / 2))
      #expect(abs(whole.sine * whole.sine + whole.cosine * whole.cosine - 1) < 1e-15)
      #expect(abs(2 * half.sine * half.cosine - whole.sine) < 1e-15)
    }
  }

  @Test(arguments: [0.3, 0.7, 1] as [Float])
  func `Blur spreads a spot by its standard deviation and keeps its light`(_ sigma: Float) {
    var spot = [UInt8](repeating: 0, count: 784)
    spot[28 * 14 + 10] = 255
    var change = ImageChange()
    change.blur = sigma
    var (light, across, down) = (0.0, 0.0, 0.0)
    for (i, value) in Self.augmented(spot, change).enumerated() where value > 0 {
      let (x, y) = (Double(i % 28 - 10), Double(i / 28 - 14))
      #expect(abs(x) <= 2 && abs(y) <= 2)
      light += Double(value)
      across += Double(value) * x * x
      down += Double(value) * y * y
    }
    // Each of at most 25 bytes is off by up to a half; what is off lies up to 2 pixels away.
    #expect(abs(light - 255) < 12.5)
    for variance in [across, down] { #expect(abs(variance / light - Double(sigma * sigma)) < 0.1) }
  }

  @Test func `Noise has its mean and standard deviation, and neighbours are uncorrelated`() {
    let gray = [UInt8](repeating: 128, count: 784)
    var change = ImageChange()
    change.noise = 20
    let rows = 200
    var (sum, squares, products, extreme) = (0.0, 0.0, 0.0, 0.0)
    var sums = [Double](repeating: 0, count: 784)
    for row in 0..<rows {
      let noise = Self.augmented(gray, change, row: row).map { Double($0) - 128 }
      for i in 0..<784 {
        sum += noise[i]
        squares += noise[i] * noise[i]
        products += noise[i] * noise[(i + 64) % 784]
        extreme = max(extreme, abs(noise[i]))
        sums[i] += noise[i]
      }
    }
    // Six standard deviations each; rounding to bytes adds 1/12 to the variance, whose own standard deviation is about √1.7 of it.
    let count = Double(784 * rows)
    #expect(abs(sum / count) < 6 * 20 / count.squareRoot())
    #expect(abs(squares / count - 400 - 1 / 12) < 6 * 400 * (1.7 / count).squareRoot())
    #expect(abs(products / count) < 6 * 400 / count.squareRoot())
    #expect(extreme > 55 && extreme <= 66)
    #expect(sums.allSatisfy { abs($0 / Double(rows)) < 6 * 20 / Double(rows).squareRoot() })
  }
}
