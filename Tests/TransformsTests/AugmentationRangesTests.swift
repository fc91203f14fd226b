import Foundation
import Datasets
import Kernels
import TestFiles
import TestTags
import Testing
import Transforms

@Suite("Augmentation is drawn from its ranges by seed, epoch and row", .tags(.bits))
struct AugmentationRangesTests {
  static let image = Array(SyntheticSet.make(.train, rows: 1, seed: 1).image(0))

  static func augmented(_ ranges: AugmentationRanges, seed: UInt64 = 1, epoch: Int = 0, row: Int = 0) -> [UInt8] {
    var output = image
    Augmenter(ranges, .mnist).augment(image, seed: seed, epoch: epoch, row: row, into: &output)
    return output
  }

  @Test func `Nothing in range changes nothing`() {
    #expect(AugmentationRanges.none.change(seed: 3, epoch: 4, row: 5, format: .mnist) == ImageChange())
    #expect(Self.augmented(.none) == Self.image)
  }

  @Test func `Seed, epoch and row each give another image, and the same again`() {
    let first = Self.augmented(.best)
    #expect(first == Self.augmented(.best) && first != Self.image)
    #expect(first != Self.augmented(.best, seed: 2))
    #expect(first != Self.augmented(.best, epoch: 1))
    #expect(first != Self.augmented(.best, row: 1))
  }

  @Test func `Every amount is uniformly distributed over its range`() {
    let ranges = AugmentationRanges(
      rotation: 12, shift: 3, zoom: 0.2, brightness: 0.3, contrast: 0.4, lightingGradient: 0.25, noise: 20, blur: 0.8)
    let rows = 4000
    let changes = (0..<rows).map { ranges.change(seed: 9, epoch: 3, row: $0, format: .mnist) }
    /// Each number brought to 0 ... 1 must have the mean and the variance of a uniform distribution, to six standard deviations.
    func expectUniform(_ low: Double, _ high: Double, _ name: String, _ value: (ImageChange) -> Double) {
      let values = changes.map { (value($0) - low) / (high - low) }
      let mean = values.reduce(0, +) / Double(rows)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(rows)
      #expect(values.allSatisfy { $0 > -1e-4 && $0 < 1 + 1e-4 }, "\(name)")
      #expect(values.min()! < 0.01 && values.max()! > 0.99, "\(name)")
      #expect(abs(mean - 0.5) < 6 * (1.0 / 12 / Double(rows)).squareRoot(), "\(name)")
      #expect(abs(variance - 1.0 / 12) < 6 * (1.0 / 180 / Double(rows)).squareRoot(), "\(name)")
    }
    // ux = cos r / z, uy = sin r / z; where the source's middle falls tells the shift.
    func zoom(_ map: AffineMap) -> Double { 1 / Double(map.ux * map.ux + map.uy * map.uy).squareRoot() }
    func shift(_ map: AffineMap) -> (x: Double, y: Double) {
      let (a, b) = (Double(map.ux), Double(map.uy))
      let (u, v) = (13.5 - Double(map.u0), 13.5 - Double(map.v0))
      let square = a * a + b * b
      return ((a * u - b * v) / square - 13.5, (b * u + a * v) / square - 13.5)
    }
    // To the third order, sin is its argument less a sixth of its cube: exact enough below 12 degrees.
    func angle(_ map: AffineMap) -> Double {
      let sine = Double(map.uy) * zoom(map)
      return (sine + sine * sine * sine / 6 + 3 * sine * sine * sine * sine * sine / 40) * 180 / Double.pi
    }
    expectUniform(-12, 12, "rotation") { angle($0.geometry!) }
    expectUniform(-3, 3, "shift to the right") { shift($0.geometry!).x }
    expectUniform(-3, 3, "shift down") { shift($0.geometry!).y }
    expectUniform(0.8, 1.2, "zoom") { zoom($0.geometry!) }
    expectUniform(-76.5, 76.5, "brightness") { Double($0.brightness) }
    expectUniform(0.6, 1.4, "contrast") { Double($0.contrast) }
    expectUniform(0, 20, "noise") { Double($0.noise) }
    expectUniform(0, 0.8, "blur") { Double($0.blur) }
    // At the middles of the outermost pixels, 13.5 from the image's.
    expectUniform(-63.75, 63.75, "lighting gradient across") { Double($0.lightingGradient.x) * 13.5 }
    expectUniform(-63.75, 63.75, "lighting gradient down") { Double($0.lightingGradient.y) * 13.5 }
  }

  @Test func `One kind of change leaves the draws of the others`() {
    var ranges = AugmentationRanges.best
    let before = ranges.change(seed: 1, epoch: 2, row: 3, format: .mnist)
    (ranges.rotation, ranges.noise) = (0, 0)
    let after = ranges.change(seed: 1, epoch: 2, row: 3, format: .mnist)
    #expect(after.geometry != before.geometry && after.geometry?.uy == 0 && after.noise == 0)
    #expect([after.contrast, after.brightness, after.blur] == [before.contrast, before.brightness, before.blur])
    (ranges.lightingGradientProbability, ranges.constantPaddingProbability, ranges.randomErasingProbability) = (1, 1, 1)
    let all = ranges.change(seed: 1, epoch: 2, row: 3, format: .mnist)
    (ranges.lightingGradient, ranges.constantPaddingProbability) = (0, 0)
    let last = ranges.change(seed: 1, epoch: 2, row: 3, format: .mnist)
    #expect(all.lightingGradient != SIMD2() && all.padding != nil && all.cutout != nil)
    #expect(last.lightingGradient == SIMD2() && last.padding == nil && last.cutout == all.cutout)
  }

  @Test func `Noise and blur come with their probability, uniformly distributed over the range`() {
    var ranges = AugmentationRanges.best
    (ranges.noise, ranges.noiseProbability, ranges.blur, ranges.blurProbability) = (30, 0.25, 0.5, 0.4)
    let changes = (0..<4000).map { ranges.change(seed: 2, epoch: 1, row: $0, format: .mnist) }
    func expectProbability(_ probability: Double, _ most: Double, _ values: [Double]) {
      let there = values.filter { $0 > 0 }
      #expect(abs(Double(there.count) / 4000 - probability) < 6 * (probability * (1 - probability) / 4000).squareRoot())
      let mean = there.reduce(0, +) / Double(there.count) / most
      #expect(abs(mean - 0.5) < 6 * (1.0 / 12 / Double(there.count)).squareRoot())
      #expect(there.max()! > 0.98 * most && there.max()! <= most)
    }
    expectProbability(0.25, 30, changes.map { Double($0.noise) })
    expectProbability(0.4, 0.5, changes.map { Double($0.blur) })
    (ranges.noiseProbability, ranges.blurProbability) = (0, 0)
    #expect((0..<100).allSatisfy { ranges.change(seed: 2, epoch: 1, row: $0, format: .mnist).noise == 0 })
    #expect((0..<100).allSatisfy { ranges.change(seed: 2, epoch: 1, row: $0, format: .mnist).blur == 0 })
  }

  @Test func `Lighting gradient, constant padding and random erasing come with their probability`() {
    var ranges = AugmentationRanges.best
    (
      ranges.lightingGradientProbability, ranges.constantPaddingProbability, ranges.randomErasingProbability,
      ranges.randomErasing, ranges.randomErasingMinimum
    ) = (0.25, 0.4, 0.6, 7, 4)
    let changes = (0..<4000).map { ranges.change(seed: 2, epoch: 1, row: $0, format: .mnist) }
    func expectProbability(_ probability: Double, _ isThere: (ImageChange) -> Bool) {
      let found = Double(changes.count(where: isThere)) / 4000
      #expect(abs(found - probability) < 6 * (probability * (1 - probability) / 4000).squareRoot())
    }
    expectProbability(0.25) { $0.lightingGradient != SIMD2() }
    expectProbability(0.4) { $0.padding != nil }
    expectProbability(0.6) { $0.cutout != nil }
    // One gray in six is black, one in six white.
    for share in [changes.count { $0.padding == 0 }, changes.count { $0.padding == 255 }] {
      #expect(abs(Double(share) / 1600 - 1.0 / 6) < 6 * (5.0 / 36 / 1600).squareRoot())
    }
    let rectangles = changes.compactMap(\.cutout)
    #expect(Set(rectangles.map(\.width)) == Set(4...7) && Set(rectangles.map(\.height)) == Set(4...7))
    #expect(Set(rectangles.map { $0.left + $0.width / 2 }) == Set(0..<28))
    #expect(Set(rectangles.map { $0.top + $0.height / 2 }) == Set(0..<28))
    #expect(Set(rectangles.map(\.gray)).count > 200)
    (ranges.lightingGradientProbability, ranges.constantPaddingProbability, ranges.randomErasingProbability) = (0, 0, 0)
    for row in 0..<100 {
      let change = ranges.change(seed: 2, epoch: 1, row: row, format: .mnist)
      #expect(change.lightingGradient == SIMD2() && change.padding == nil && change.cutout == nil)
    }
    // Without a minimum they begin at one pixel; one above the maximum is the maximum.
    for (minimum, sides) in [(1, Set(1...7)), (9, [7])] {
      (ranges.randomErasingProbability, ranges.randomErasingMinimum) = (1, Double(minimum))
      let all = (0..<1000).compactMap { ranges.change(seed: 2, epoch: 1, row: $0, format: .mnist).cutout }
      #expect(Set(all.map(\.width)) == sides && Set(all.map(\.height)) == sides)
    }
    (ranges.randomErasingProbability, ranges.randomErasing) = (1, 0)
    #expect(ranges.change(seed: 2, epoch: 1, row: 0, format: .mnist).cutout == nil)
  }

  @Test func `The recorded bytes`() {
    let bytes = (0..<64).flatMap { row in
      let ranges = AugmentationRanges(
        rotation: 12, shift: 3, zoom: 0.15, brightness: 0.3, contrast: 0.3, noise: 25, blur: 0.8)
      return Self.augmented(ranges, seed: 0xdead_beef_0bad_cafe, epoch: row % 5, row: row)
    }
    #expect(fnv1a(bytes) == 0xb49c104ff4317994)
    let more = (0..<64).flatMap { row in
      let ranges = AugmentationRanges(
        shift: 3, constantPaddingProbability: 0.5, lightingGradient: 0.3, lightingGradientProbability: 0.5,
        randomErasing: 9, randomErasingProbability: 0.5)
      return Self.augmented(ranges, seed: 0xdead_beef_0bad_cafe, epoch: row % 5, row: row)
    }
    #expect(fnv1a(more) == 0x643f33aa442bd62)
  }

  @Test func `Ranges of before there was a minimum of random erasing have 1`() throws {
    let all = try JSONEncoder().encode(AugmentationRanges.best)
    #expect(try JSONDecoder().decode(AugmentationRanges.self, from: all) == .best)
    var object = try #require(try JSONSerialization.jsonObject(with: all) as? [String: Any])
    #expect(object.removeValue(forKey: "randomErasingMinimum") != nil)
    let before = try JSONSerialization.data(withJSONObject: object)
    #expect(try JSONDecoder().decode(AugmentationRanges.self, from: before) == .best)
    object.removeValue(forKey: "blur")
    let damaged = try JSONSerialization.data(withJSONObject: object)
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(AugmentationRanges.self, from: damaged) }
  }
}
