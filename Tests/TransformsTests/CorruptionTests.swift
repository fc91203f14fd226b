import Datasets
import TestFiles
import TestTags
import Testing
import Transforms

@Suite("Corruptions of test images have recorded bytes and the stated strength", .tags(.bits))
struct CorruptionTests {
  /// A smooth image: every kind of corruption leaves it well inside 0 ... 255.
  static let smooth = (0..<784).map { (at: Int) -> UInt8 in UInt8(100 + at % 28 + 2 * (at / 28)) }

  static func images(_ kind: Corruption.Kind, _ image: [UInt8], rows: Int = 400) -> [[UInt8]] {
    (0..<rows).map { Corruption(kind, seed: 5).image(image, format: .mnist, row: $0) }
  }

  /// The image with that gray level at each place.
  static func image(_ level: (Int, Int) -> Int) -> [UInt8] {
    (0..<784).map { (i: Int) -> UInt8 in UInt8(level(i % 28, i / 28)) }
  }

  @Test(arguments: Corruption.Kind.allCases)
  func `A function of kind, seed and row alone`(_ kind: Corruption.Kind) {
    let again = Corruption(kind, seed: 5).image(Self.smooth, format: .mnist, row: 7)
    #expect(again == Corruption(kind, seed: 5).image(Self.smooth, format: .mnist, row: 7) && again.count == 784)
    let isDrawn = kind != .blur
    #expect((again != Corruption(kind, seed: 6).image(Self.smooth, format: .mnist, row: 7)) == isDrawn)
    #expect((again != Corruption(kind, seed: 5).image(Self.smooth, format: .mnist, row: 8)) == isDrawn)
  }

  @Test func `The recorded bytes`() {
    let recorded: [Corruption.Kind: UInt64] = [
      .shift: 0x83e19d1a0bf89f0a, .rotation: 0x7e26f20f70312ac, .noise: 0xef48ca46fb508831,
      .brightnessContrast: 0xa81bc640340cb06e, .blur: 0x453db2435818580b, .zoom: 0xcedbc20bb2209819,
      .zeroPaddedShift: 0x218009ec0c9c3696, .lightingGradient: 0xb75ae10efc603ac4, .saltAndPepper: 0x5f1d26278414275f,
      .occlusion: 0xa61eb4bbb658efad,
    ]
    let set = SyntheticSet.make(.test, rows: 8, seed: 1)
    for kind in Corruption.Kind.allCases {
      let bytes = (0..<8).flatMap { Corruption(kind, seed: 1).image(Array(set.image($0)), format: .mnist, row: $0) }
      #expect(fnv1a(bytes) == recorded[kind], "\(kind)")
    }
  }

  @Test func `Shifts reach 2.5 pixels either way, in fractions of a pixel`() {
    // On a slope of 4 gray levels a pixel to the right, the middle tells the shift.
    let slope = Self.image { x, _ in 40 + 4 * x }
    let shifts = Self.images(.shift, slope).map { image in (Double(slope[400]) - Double(image[400])) / 4 }
    #expect(shifts.max()! > 2.2 && shifts.max()! <= 2.5 && shifts.min()! < -2.2 && shifts.min()! >= -2.5)
    #expect(Set(shifts).count > 15)
  }

  @Test func `Rotations reach 10 degrees either way, and leave the middle`() {
    let slope = Self.image { _, y in 20 + 8 * y }
    let images = Self.images(.rotation, slope)
    // What is right of the middle comes from above where the image is turned clockwise.
    let index = 28 * 14 + 26
    let angles = images.map { image -> Double in
      let rows = (Double(slope[index]) - Double(image[index])) / 8
      return rows / 12.5 * 180 / Double.pi
    }
    #expect(angles.max()! > 9 && angles.max()! < 10.7 && angles.min()! < -9 && angles.min()! > -10.7)
    #expect(images.allSatisfy { abs(Int($0[28 * 13 + 13]) - Int(slope[28 * 13 + 13])) <= 2 })
  }

  @Test func `Noise is normal with standard deviation 20`() {
    let gray = [UInt8](repeating: 128, count: 784)
    let noise = Self.images(.noise, gray).flatMap { $0.map { Double($0) - 128 } }
    let count = Double(noise.count)
    let mean = noise.reduce(0, +) / count
    let variance = noise.reduce(0) { $0 + $1 * $1 } / count
    let fourth = noise.reduce(0) { sum, x in sum + (x * x) * (x * x) } / count
    #expect(abs(mean) < 6 * 20 / count.squareRoot())
    // Rounding adds 1/12 to the variance; the estimate's standard deviation is √2 of it over √n, that of the kurtosis √96 over √n.
    #expect(abs(variance - 400 - 1 / 12) < 6 * 400 * (2 / count).squareRoot())
    #expect(abs(fourth / (variance * variance) - 3) < 6 * (96 / count).squareRoot())
  }

  @Test func `Contrast and brightness change by up to 30 percent`() {
    let image = Self.image { x, _ in x % 2 == 0 ? 108 : 148 }
    let changed = Self.images(.brightnessContrast, image).map { (dark: Double($0[0]), light: Double($0[1])) }
    let contrasts = changed.map { ($0.light - $0.dark) / 40 }
    let shifts = changed.map { ($0.light + $0.dark) / 2 - 128 }
    #expect(contrasts.max()! > 1.25 && contrasts.max()! < 1.33 && contrasts.min()! < 0.75 && contrasts.min()! > 0.67)
    #expect(shifts.max()! > 70 && shifts.max()! < 77.1 && shifts.min()! < -70 && shifts.min()! > -77.1)
    let bright = [UInt8](repeating: 250, count: 784)
    #expect(Self.images(.brightnessContrast, bright).contains { $0[0] == 255 }, "gray levels are cut to bytes")
  }

  @Test func `Blur spreads a spot with a standard deviation of 1`() {
    var spot = [UInt8](repeating: 0, count: 784)
    spot[28 * 10 + 17] = 255
    let blurred = Corruption(.blur, seed: 1).image(spot, format: .mnist, row: 0)
    // The middle of a Gaussian of standard deviation 1 in two dimensions holds 1 / 2π, its neighbours e^(-1/2) of that.
    #expect(blurred[28 * 10 + 17] == 41 && blurred[28 * 10 + 18] == 25 && blurred[28 * 9 + 17] == 25)
    #expect(blurred[28 * 9 + 16] == 15 && blurred[28 * 10 + 21] == 0)
    let gray = [UInt8](repeating: 200, count: 784)
    #expect(Corruption(.blur, seed: 1).image(gray, format: .mnist, row: 0) == gray)
  }

  @Test func `Zooms reach 15 percent either way, and leave the middle`() {
    // On a slope of 8 gray levels a pixel, what is 10.5 pixels from the middle comes from 10.5 / size.
    let slope = Self.image { x, _ in 20 + 8 * x }
    let images = Self.images(.zoom, slope)
    let sizes = images.map { image in 10.5 * 8 / (Double(image[28 * 14 + 24]) - 128) }
    #expect(sizes.max()! > 1.13 && sizes.max()! < 1.17 && sizes.min()! < 0.87 && sizes.min()! > 0.83)
    #expect(images.allSatisfy { abs(Int($0[28 * 13 + 13]) - 124) <= 1 })
  }

  @Test func `A zero-padded shift is a shift with black beyond the edges`() {
    let gray = [UInt8](repeating: 200, count: 784)
    let images = Self.images(.zeroPaddedShift, gray)
    for image in images {
      #expect(image.allSatisfy { $0 == 0 || $0 == 200 } && image[28 * 13 + 13] == 200)
      let (columns, rows) = ((0..<28).count { image[28 * 13 + $0] == 0 }, (0..<28).count { image[28 * $0 + 13] == 0 })
      #expect(columns <= 3 && rows <= 3)
      #expect(image.count { $0 == 0 } == 784 - (28 - columns) * (28 - rows))
    }
    for place in [13, 28 * 27 + 13, 28 * 13, 28 * 13 + 27] { #expect(images.contains { $0[place] == 0 }) }
  }

  @Test func `The lighting gradient reaches 20 percent at the edges, and leaves the middle`() {
    let lit = Self.images(.lightingGradient, [UInt8](repeating: 128, count: 784)).map { $0.map { Double($0) - 128 } }
    for (low, high) in [(28 * 13, 28 * 13 + 27), (13, 28 * 27 + 13)] {
      let slopes = lit.map { ($0[high] - $0[low]) / 2 }
      #expect(slopes.max()! > 48 && slopes.max()! <= 51.5 && slopes.min()! < -48 && slopes.min()! >= -51.5)
    }
    #expect(lit.allSatisfy { abs($0[28 * 13 + 13] + $0[28 * 14 + 14]) <= 1 })
  }

  @Test func `Salt-and-pepper noise is black and white, one pixel in a hundred each`() {
    let pixels = Self.images(.saltAndPepper, [UInt8](repeating: 77, count: 784)).flatMap { $0 }
    let count = Double(pixels.count)
    for level in [0, 255] as [UInt8] {
      #expect(abs(Double(pixels.count { $0 == level }) / count - 0.01) < 6 * (0.01 * 0.99 / count).squareRoot())
    }
    #expect(pixels.allSatisfy { [0, 77, 255].contains($0) })
  }

  @Test func `Occlusion is a square of 6 pixels, anywhere in the image`() {
    var places = Set<Int>()
    for image in Self.images(.occlusion, Self.smooth, rows: 4000) {
      let changed = (0..<784).filter { image[$0] != Self.smooth[$0] }
      guard let first = changed.first else { continue }
      // A pixel whose gray is by chance the image's own looks unchanged, but not two neighbours.
      let (left, top) = (changed.map { $0 % 28 }.min()!, first / 28)
      #expect(changed.count >= 24 && changed.allSatisfy { $0 % 28 < left + 6 && $0 / 28 < top + 6 })
      #expect(Set(changed.map { image[$0] }).count == 1)
      if changed.count == 36 { places.insert(28 * top + left) }
    }
    #expect(places.count > 500 && places.map { $0 % 28 }.max()! == 22 && places.map { $0 / 28 }.max()! == 22)
  }
}
