import SignLanguageMNIST
import Testing

@Suite struct DisturbanceTests {
  /// A smooth image: every kind of disturbance leaves it well inside 0 ... 255.
  static let smooth = (0..<784).map { (at: Int) -> UInt8 in UInt8(100 + at % 28 + 2 * (at / 28)) }

  static func images(_ kind: Disturbance.Kind, _ image: [UInt8], rows: Int = 400) -> [[UInt8]] {
    (0..<rows).map { Disturbance(kind, seed: 5).image(image, row: $0) }
  }

  /// The image with that grey level at each place.
  static func image(_ level: (Int, Int) -> Int) -> [UInt8] {
    (0..<784).map { (i: Int) -> UInt8 in UInt8(level(i % 28, i / 28)) }
  }

  @Test(arguments: Disturbance.Kind.allCases)
  func `A function of kind, seed and row alone`(_ kind: Disturbance.Kind) {
    let again = Disturbance(kind, seed: 5).image(Self.smooth, row: 7)
    #expect(again == Disturbance(kind, seed: 5).image(Self.smooth, row: 7) && again.count == 784)
    let isDrawn = kind != .blurred
    #expect((again != Disturbance(kind, seed: 6).image(Self.smooth, row: 7)) == isDrawn)
    #expect((again != Disturbance(kind, seed: 5).image(Self.smooth, row: 8)) == isDrawn)
  }

  @Test func `The recorded bytes`() {
    let recorded: [Disturbance.Kind: UInt64] = [
      .shifted: 0x83e19d1a0bf89f0a, .rotated: 0x7e26f20f70312ac, .noise: 0xef48ca46fb508831,
      .light: 0xa81bc640340cb06e, .blurred: 0x453db2435818580b,
    ]
    let set = SyntheticSet.make(.test, rows: 8, seed: 1)
    for kind in Disturbance.Kind.allCases {
      let bytes = (0..<8).flatMap { Disturbance(kind, seed: 1).image(Array(set.image($0)), row: $0) }
      #expect(fnv1a(bytes) == recorded[kind], "\(kind)")
    }
  }

  @Test func `Shifts reach 2.5 pixels either way, in fractions of a pixel`() {
    // On a slope of 4 grey levels a pixel to the right, the middle tells the shift.
    let slope = Self.image { x, _ in 40 + 4 * x }
    let shifts = Self.images(.shifted, slope).map { image in (Double(slope[400]) - Double(image[400])) / 4 }
    #expect(shifts.max()! > 2.2 && shifts.max()! <= 2.5 && shifts.min()! < -2.2 && shifts.min()! >= -2.5)
    #expect(Set(shifts).count > 15)
  }

  @Test func `Rotations reach 10 degrees either way, and leave the middle`() {
    let slope = Self.image { _, y in 20 + 8 * y }
    let images = Self.images(.rotated, slope)
    // What is right of the middle comes from above where the image is turned clockwise.
    let place = 28 * 14 + 26
    let angles = images.map { image -> Double in
      let rows = (Double(slope[place]) - Double(image[place])) / 8
      return rows / 12.5 * 180 / Double.pi
    }
    #expect(angles.max()! > 9 && angles.max()! < 10.7 && angles.min()! < -9 && angles.min()! > -10.7)
    #expect(images.allSatisfy { abs(Int($0[28 * 13 + 13]) - Int(slope[28 * 13 + 13])) <= 2 })
  }

  @Test func `Noise is normal with deviation 20`() {
    let grey = [UInt8](repeating: 128, count: 784)
    let noise = Self.images(.noise, grey).flatMap { $0.map { Double($0) - 128 } }
    let count = Double(noise.count)
    let mean = noise.reduce(0, +) / count
    let variance = noise.reduce(0) { $0 + $1 * $1 } / count
    let fourth = noise.reduce(0) { sum, x in sum + (x * x) * (x * x) } / count
    #expect(abs(mean) < 6 * 20 / count.squareRoot())
    // Rounding adds 1/12 to the variance; the estimate's deviation is √2 of it over √n, that of the kurtosis √96 over √n.
    #expect(abs(variance - 400 - 1 / 12) < 6 * 400 * (2 / count).squareRoot())
    #expect(abs(fourth / (variance * variance) - 3) < 6 * (96 / count).squareRoot())
  }

  @Test func `Light changes contrast and brightness by up to 30 percent`() {
    let image = Self.image { x, _ in x % 2 == 0 ? 108 : 148 }
    let changed = Self.images(.light, image).map { (dark: Double($0[0]), light: Double($0[1])) }
    let contrasts = changed.map { ($0.light - $0.dark) / 40 }
    let shifts = changed.map { ($0.light + $0.dark) / 2 - 128 }
    #expect(contrasts.max()! > 1.25 && contrasts.max()! < 1.33 && contrasts.min()! < 0.75 && contrasts.min()! > 0.67)
    #expect(shifts.max()! > 70 && shifts.max()! < 77.1 && shifts.min()! < -70 && shifts.min()! > -77.1)
    let bright = [UInt8](repeating: 250, count: 784)
    #expect(Self.images(.light, bright).contains { $0[0] == 255 }, "grey levels are cut to bytes")
  }

  @Test func `Blur spreads a spot with a deviation of 1`() {
    var spot = [UInt8](repeating: 0, count: 784)
    spot[28 * 10 + 17] = 255
    let blurred = Disturbance(.blurred, seed: 1).image(spot, row: 0)
    // The middle of a Gaussian of deviation 1 in two dimensions holds 1 / 2π, its neighbours e^(-1/2) of that.
    #expect(blurred[28 * 10 + 17] == 41 && blurred[28 * 10 + 18] == 25 && blurred[28 * 9 + 17] == 25)
    #expect(blurred[28 * 9 + 16] == 15 && blurred[28 * 10 + 21] == 0)
    let grey = [UInt8](repeating: 200, count: 784)
    #expect(Disturbance(.blurred, seed: 1).image(grey, row: 0) == grey)
  }
}
