import Kernels
import ReferenceKernels
import TestTags
import Testing

@Suite("Poolings have the scalar twins' bits", .tags(.bits))
struct PoolingTests {
  /// A window over an input of 12 positions.
  struct Case: Sendable, CustomTestStringConvertible {
    let positions: [Int], block: Int
    var testDescription: String { "\(positions), blocks of \(block)" }
  }

  static let cases = [
    Case(positions: [0, 1], block: 64), Case(positions: [3], block: 16),
    Case(positions: [1, 2, 3, 6, 7, 8], block: 80),
    Case(positions: Array(0..<12), block: 32), Case(positions: [11, 4, 9], block: 512),
  ]

  static func withWindow<Result>(
    _ positions: [Int], block: Int, _ body: (PoolingWindow) -> Result
  ) -> Result {
    positions.map { Int32($0) }.withUnsafeBufferPointer {
      body(PoolingWindow(positions: $0.baseAddress!, count: positions.count, block: block))
    }
  }

  /// Numbers among which many are equal, for a window to have several that are the largest.
  static func input(_ block: Int, edges: Bool) -> [Float] {
    edges ? Inputs.numbersWithEdges(1, 12 * block) : Inputs.numbers(1, 12 * block, scale: 3).map { $0.rounded() }
  }

  /// `twin` of each of a block's numbers over the window's positions.
  private func columns(_ window: Case, _ input: [Float]) -> [[Float]] {
    (0..<window.block).map { number in window.positions.map { input[$0 * window.block + number] } }
  }

  @Test(arguments: cases, [false, true])
  func `The largest and the mean of a window`(_ window: Case, edges: Bool) {
    let input = Self.input(window.block, edges: edges)
    let columns = columns(window, input)
    Self.withWindow(window.positions, block: window.block) { kernel in
      expectSameBits(
        output(window.block) { maximum(kernel, input, into: $0) }, columns.map(ReferenceKernels.maximum), "maximum")
      expectSameBits(
        output(window.block) { mean(kernel, input, into: $0) }, columns.map(ReferenceKernels.mean), "mean")
    }
  }

  @Test(arguments: cases, [false, true])
  func `Their gradients, written and added`(_ window: Case, edges: Bool) {
    let block = window.block
    let input = Self.input(block, edges: edges)
    let (gradient, before) = (Inputs.numbers(2, block), Inputs.numbers(3, 12 * block))
    let columns = columns(window, input)
    let largest = columns.map(ReferenceKernels.maximum)

    /// What the window's positions hold after the numbers' gradients were written or added, and the others unchanged.
    func expected(_ accumulates: Bool, _ twin: (_ numbers: [Float], _ gradient: Float) -> [Float]) -> [Float] {
      var values = before
      for number in 0..<block {
        for (position, share) in zip(window.positions, twin(columns[number], gradient[number])) {
          let at = position * block + number
          values[at] = accumulates ? values[at] + share : share
        }
      }
      return values
    }

    Self.withWindow(window.positions, block: block) { kernel in
      for accumulates in [false, true] {
        let first = output(before.count, from: before) {
          maximumBackward(kernel, gradient, input: input, output: largest, into: $0, accumulates: accumulates)
        }
        expectSameBits(first, expected(accumulates, ReferenceKernels.maximumGradient), "the first")
        let shares = output(before.count, from: before) {
          meanBackward(kernel, gradient, into: $0, accumulates: accumulates)
        }
        expectSameBits(
          shares, expected(accumulates) { numbers, g in numbers.map { _ in g / Float(numbers.count) } }, "mean")
      }
      let shared = output(before.count, from: before) {
        sharedMaximumBackward(kernel, gradient, input: input, output: largest, into: $0)
      }
      expectSameBits(shared, expected(false, ReferenceKernels.sharedMaximumGradient), "shared")
    }
  }

  @Test(arguments: cases + [Case(positions: [2, 3, 7, 8], block: 48)], [false, true])
  func `The gradient of a rectifier and the largest replaces the values`(_ window: Case, edges: Bool) {
    let block = window.block
    let values = Self.input(block, edges: edges).map(ReferenceKernels.rectified)
    let gradient = Inputs.numbersWithEdges(2, block)
    let columns = columns(window, values)
    let largest = columns.map(ReferenceKernels.maximum)
    var expected = values
    for number in 0..<block {
      let shares = ReferenceKernels.maximumGradient(columns[number], gradient[number])
      for ((position, value), share) in zip(zip(window.positions, columns[number]), shares) {
        expected[position * block + number] = ReferenceKernels.rectifiedGradient(share, activation: value)
      }
    }
    Self.withWindow(window.positions, block: block) { kernel in
      expectSameBits(
        output(values.count, from: values) {
          rectifiedMaximumBackward(kernel, gradient, output: largest, replacing: $0)
        }, expected)
    }
  }

  @Test func `Equal numbers give the gradient to the first, or share it`() {
    let input: [Float] = [1, 5, 5, 2, 5].flatMap { Array(repeating: $0, count: 16) }
    let (largest, gradient) = ([Float](repeating: 5, count: 16), [Float](repeating: 6, count: 16))
    Self.withWindow(Array(0..<5), block: 16) { window in
      let first = output(80) {
        maximumBackward(window, gradient, input: input, output: largest, into: $0, accumulates: false)
      }
      #expect(stride(from: 0, to: 80, by: 16).map { first[$0] } == [0, 6, 0, 0, 0])
      let shared = output(80) { sharedMaximumBackward(window, gradient, input: input, output: largest, into: $0) }
      #expect(stride(from: 0, to: 80, by: 16).map { shared[$0] } == [0, 2, 2, 0, 2])
    }
  }
}
