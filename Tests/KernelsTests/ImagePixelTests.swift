import Kernels
import ReferenceKernels
import TestTags
import Testing

@Suite("Images become numbers as their scalar twins do", .tags(.bits))
struct ImagePixelTests {
  @Test func `Standardised images have mean 0 and standard deviation 1`() {
    let faint = (0..<784).map { UInt8(100 + $0 / 392) }
    let checkered: [UInt8] = (0..<784).map { $0 % 2 == 0 ? 0 : 255 }
    let colours: [UInt8] = (0..<32 * 32 * 3).map { UInt8(truncatingIfNeeded: $0 * $0 / 7) }
    let odd: [UInt8] = (0..<35).map { UInt8(7 * $0) }
    // More bytes than have 32 bits for the sum of their squares.
    let large: [UInt8] = (0..<300_007).map { $0 % 3 == 0 ? 254 : 255 }
    for image in [AugmentationTests.image, faint, checkered, colours, odd, large, [3, 250]] {
      let values = output(image.count) { standardizeImage(image, into: $0, count: image.count) }
      expectSameBits(values, ReferenceKernels.standardize(image), "\(image.count) bytes")
      let mean = values.reduce(0) { $0 + Double($1) } / Double(image.count)
      let variance = values.reduce(0) { $0 + Double($1) * Double($1) } / Double(image.count)
      #expect(abs(mean) < 1e-4 && abs(variance - 1) < 1e-4, "\(image.count) bytes")
    }
  }

  @Test(arguments: [1, 35, 784, 3072])
  func `An image of one gray has no contrast to spread`(_ count: Int) {
    for gray in [0, 93, 255] as [UInt8] {
      let image = [UInt8](repeating: gray, count: count)
      let values = output(count) { standardizeImage(image, into: $0, count: count) }
      #expect(values.allSatisfy { abs($0) < 1e-3 })
    }
  }

  @Test(arguments: [(1, 8), (3, 32), (4, 64), (15, 20), (16, 16), (28, 224), (31, 40), (64, 64), (784, 784)])
  func `Pixels go to rows of any length, and nowhere else`(_ length: Int, _ stride: Int) {
    let pixels = (0..<length * 17).map { UInt8(truncatingIfNeeded: $0 * $0 / 3 + 5) }
    let rows = SampleRows(length: length, stride: stride)
    let before = Inputs.numbers(1, 17 * stride)
    func placed(_ numbers: [Float]) -> [Float] {
      var values = before
      for (at, number) in numbers.enumerated() { values[at / length * stride + at % length] = number }
      return values
    }
    func written(_ kernel: (UnsafeMutablePointer<Float>) -> Void) -> [Float] {
      output(before.count, from: before, kernel)
    }
    expectSameBits(
      written { pixelsToUnit(pixels, into: $0, count: pixels.count, rows) }, placed(pixels.map { Float($0) / 255 }))
    expectSameBits(
      written { pixelsRaw(pixels, into: $0, count: pixels.count, rows) }, placed(pixels.map { Float($0) }))
    expectSameBits(
      written { standardizeImage(pixels, into: $0, count: pixels.count, rows) },
      placed(ReferenceKernels.standardize(pixels)))
  }

  @Test(arguments: [1, 35, 256])
  func `Raw pixels are the numbers 0 to 255`(_ count: Int) {
    let pixels = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37 + 11) }
    expectSameBits(output(count) { pixelsRaw(pixels, into: $0, count: count) }, pixels.map { Float($0) })
  }
}
