import Glibc
import Kernels
import ReferenceKernels
import TestTags
import Testing

@Suite("Activation functions have the scalar twins' bits", .tags(.bits))
struct ActivationTests {
  static let count = 1792
  static let x = Inputs.numbersWithEdges(1, count, scale: 6), dy = Inputs.numbersWithEdges(2, count, turn: 5)

  /// The gradient that `kernel` makes of `dy` in place.
  private func gradient(_ kernel: (UnsafeMutablePointer<Float>) -> Void) -> [Float] {
    output(Self.count, from: Self.dy, kernel)
  }

  @Test(arguments: [0, 0.2, 0.3, 1] as [Float])
  func `Leaky ReLU`(_ slope: Float) {
    let (count, x) = (Self.count, Self.x)
    let y = x.map { ReferenceKernels.leakyRectified($0, slope: slope) }
    expectSameBits(output(count, from: x) { leakyRectify($0, slope: slope, count: count) }, y)
    expectSameBits(
      gradient { leakyRectifyBackward($0, activation: y, slope: slope, count: count) },
      zip(Self.dy, y).map { ReferenceKernels.leakyRectifiedGradient($0, activation: $1, slope: slope) })
  }

  @Test func `The gradients of tanh and sigmoid`() {
    let (count, dy) = (Self.count, Self.dy)
    let y = Inputs.numbersWithEdges(3, count, turn: 2)
    expectSameBits(
      gradient { hyperbolicTangentsBackward($0, activation: y, count: count) }, zip(dy, y).map { $0 * (1 - $1 * $1) })
    expectSameBits(
      gradient { sigmoidsBackward($0, activation: y, count: count) }, zip(dy, y).map { $0 * ($1 * (1 - $1)) })
  }

  @Test func `GELU and its gradient`() {
    let (count, x) = (Self.count, Self.x)
    expectSameBits(output(count) { gelus(x, into: $0, count: count) }, x.map(ReferenceKernels.gelu))
    expectSameBits(
      gradient { gelusBackward($0, input: x, count: count) },
      zip(Self.dy, x).map { ReferenceKernels.geluGradient($0, $1) })
  }

  @Test func `GELU is x Φ(x), and its gradient the derivative`() {
    let x = (-160..<160).map { Float($0) / 32 }
    let y = output(320) { gelus(x, into: $0, count: 320) }
    let slope = output(320, from: x.map { _ in 1 }) { gelusBackward($0, input: x, count: 320) }
    for (index, x) in x.map({ Double($0) }).enumerated() {
      let distribution = erfc(-x / 2.0.squareRoot()) / 2
      let derivative = distribution + x * exp(-x * x / 2) / (2 * Double.pi).squareRoot()
      // Below zero 1 + erf cancels: the error is one of Φ, some 2^-23, times x.
      #expect(abs(Double(y[index]) - x * distribution) <= 2 * 0x1p-23 * max(abs(x), 1))
      #expect(abs(Double(slope[index]) - derivative) <= 4 * 0x1p-23)
    }
  }

  @Test(arguments: [(1, 16), (10, 16), (16, 16), (25, 32), (60, 64), (100, 128)])
  func `Softmax of rows and its gradient`(_ columns: Int, _ stride: Int) {
    let rows = 5
    let x = Inputs.numbers(1, rows * stride, scale: 20)
    let g = Inputs.numbers(2, rows * stride)
    let zeros = [Float](repeating: 0, count: stride - columns)
    func row(_ values: [Float], _ row: Int) -> [Float] { Array(values[row * stride..<row * stride + columns]) }
    let y = (0..<rows).flatMap { ReferenceKernels.softmax(row(x, $0)) + zeros }
    expectSameBits(
      output(y.count, from: x) { softmaxRows($0, rows: rows, columns: columns, stride: stride) }, y, "softmax")
    let dx = output(y.count, from: g) {
      softmaxRowsBackward($0, activation: y, rows: rows, columns: columns, stride: stride)
    }
    for index in 0..<rows {
      expectSameBits(row(dx, index), ReferenceKernels.softmaxGradient(row(g, index), row(y, index)), "gradient")
    }
  }
}
