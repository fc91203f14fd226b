import Kernels
import ReferenceKernels
import TestTags
import Testing

@Suite("Elementwise kernels have the scalar twins' bits", .tags(.bits))
struct PointwiseTests {
  static let counts = [16, 64, 512, 1792]

  @Test(arguments: counts)
  func `Products, sums and relu`(_ count: Int) {
    let a = Inputs.numbersWithEdges(1, count)
    let b = Inputs.numbersWithEdges(2, count, turn: 5)
    expectSameBits(output(count) { multiplyElements(a, b, into: $0, count: count) }, zip(a, b).map { $0 * $1 })
    expectSameBits(output(count, from: a) { addElements(b, to: $0, count: count) }, zip(a, b).map { $0 + $1 })
    let (m, n) = (Inputs.numbers(31, count), Inputs.numbers(32, count))
    expectSameBits(output(count, from: m) { maximumElements(n, into: $0, count: count) }, zip(m, n).map { max($0, $1) })
    expectSameBits(output(count, from: a) { rectify($0, count: count) }, a.map(ReferenceKernels.rectified))
    expectSameBits(
      output(count, from: a) { rectifyBackward($0, activation: b, count: count) },
      zip(a, b).map { ReferenceKernels.rectifiedGradient($0, activation: $1) })
  }

  @Test func `A mask is repeated`() {
    let values = Inputs.numbers(1, 14 * 512)
    let mask = Inputs.numbers(2, 512)
    let expected = values.indices.map { values[$0] * mask[$0 % 512] }
    expectSameBits(
      output(values.count) { multiplyByMask(values, mask, into: $0, count: values.count, maskCount: 512) }, expected)
  }

  @Test(arguments: [0, 1, 5, 112], [(64, 64), (16, 16), (16, 48), (80, 96), (144, 160)])
  func `Columns are summed in row order`(_ count: Int, _ shape: (columns: Int, stride: Int)) {
    let (columns, stride) = shape
    let rows = Inputs.numbersWithEdges(1, count * stride + columns)
    let zeros = [Float](repeating: 0, count: columns)
    expectSameBits(
      output(columns) { sumRows(rows, count: count, columns: columns, stride: stride, into: $0) },
      ReferenceKernels.sumRows(rows, count: count, stride: stride, from: zeros))
  }

  @Test(arguments: counts)
  func `Rescaling rounds the product and the sum`(_ count: Int) {
    let x = Inputs.numbersWithEdges(1, count, scale: 255)
    let scaled = output(count) { rescale(x, by: 1 / 127.5, offset: -1, into: $0, count: count) }
    expectSameBits(scaled, x.map { $0 * (1 / 127.5) - 1 })
    #expect(scaled != x.map { (-1 as Float).addingProduct($0, 1 / 127.5) }, "a fused sum would have other bits")
  }

  @Test(arguments: [(1, 1), (64, 25), (64, 64), (17, 33)])
  func `Blocks are copied and transposed, and nothing else is touched`(_ rows: Int, _ columns: Int) {
    let source = Inputs.numbers(1, 64 * 100)
    let before = Inputs.numbers(2, 64 * 100)
    var (copied, transposed) = (before, before)
    for row in 0..<rows {
      for column in 0..<columns {
        copied[row * 70 + column] = source[row * 90 + column]
        transposed[column * 70 + row] = source[row * 90 + column]
      }
    }
    let copy = output(before.count, from: before) {
      copyBlock(source, stride: 90, into: $0, stride: 70, rows: rows, columns: columns)
    }
    expectSameBits(copy, copied)
    let transpose = output(before.count, from: before) {
      transposeBlock(source, stride: 90, into: $0, stride: 70, rows: rows, columns: columns)
    }
    expectSameBits(transpose, transposed)
  }

  @Test func `Every pixel value is divided by 255, correctly rounded`() {
    let pixels = (0...255).map { UInt8($0) }
    let values = output(256) { pixelsToUnit(pixels, into: $0, count: 256) }
    // Rounding the double-precision quotient again is harmless here: it has 53 bits, more than 2 x 24 + 2.
    expectSameBits(values, pixels.map { Float(Double($0) / 255) })
    #expect(values[0] == 0 && values[255] == 1)
  }

  @Test(arguments: [0, 16, 32, 48, 64, 112, 1024])
  func `One number that is not finite is found wherever it is`(count: Int) {
    let finite = Inputs.numbers(5, count).map { $0 * .greatestFiniteMagnitude / 8 }
    #expect(areFinite(finite, count: count) == ReferenceKernels.areFinite(finite))
    #expect(areFinite(finite, count: count))
    for (index, value) in (0..<count).map({ ($0, [Float.infinity, -.infinity, .nan, .signalingNaN][$0 % 4]) }) {
      var values = finite
      values[index] = value
      #expect(areFinite(values, count: count) == ReferenceKernels.areFinite(values), "\(value) at \(index)")
      #expect(!areFinite(values, count: count), "\(value) at \(index)")
    }
  }

  @Test func `Adam`() {
    let count = 1024
    let constants = AdamConstants(
      gradientScale: 1 / 32, oneMinusBeta1: 0.1, oneMinusBeta2: 0.001, epsilon: 1e-7, rate: 0.001)
    let gradient = Inputs.numbersWithEdges(1, count)
    let parameters = Inputs.numbersWithEdges(2, count, turn: 7)
    let moment1 = Inputs.numbers(3, count, scale: 0.01)
    let moment2 = Inputs.numbers(4, count).map(\.magnitude)
    var (p, m, v) = (parameters, moment1, moment2)
    for i in 0..<count {
      ReferenceKernels.adamStep(
        scale: 1 / 32, oneMinusBeta1: 0.1, oneMinusBeta2: 0.001, epsilon: 1e-7, rate: 0.001, gradient: gradient[i],
        parameter: &p[i], moment1: &m[i], moment2: &v[i])
    }
    var (m2, v2) = (moment1, moment2)
    let stepped = output(count, from: parameters) {
      adamStep(constants, gradient: gradient, parameters: $0, moment1: &m2, moment2: &v2, count: count)
    }
    expectSameBits(stepped, p, "parameters")
    expectSameBits(m2, m, "moment 1")
    expectSameBits(v2, v, "moment 2")
  }
}
