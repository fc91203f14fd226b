import Kernels
import ReferenceKernels
import TestTags
import Testing

@Suite("Convolutions have the plain loops' bits", .tags(.bits))
struct ConvolutionTests {
  /// Windows of `size` over an input of [height, width], `stride` apart, which begin `before` outside.
  struct Case: Sendable, CustomTestStringConvertible {
    var input: (Int, Int), size: (Int, Int), stride = 1, before = 0
    var channels: Int, filters: Int, samples = 8, gap = 0
    var testDescription: String {
      "\(size) over \(input) x \(channels), stride \(stride), \(filters) filters, \(samples) samples"
    }

    var columns: Int { (filters + 15) / 16 * 16 }
    var taps: Int { size.0 * size.1 }
    var inputStride: Int { channels + gap }
    var outputStride: Int { columns + gap }
    var inputCount: Int { input.0 * input.1 * samples * inputStride }
    var outputCount: Int { windows.count * samples * outputStride }

    var windows: [[Int?]] {
      func starts(_ length: Int, _ size: Int) -> [Int] {
        Array(Swift.stride(from: -before, through: length + before - size, by: stride))
      }
      return starts(input.0, size.0).flatMap { row in
        starts(input.1, size.1).map { column in
          (row..<row + size.0).flatMap { y in
            (column..<column + size.1).map { x in
              (0..<input.0).contains(y) && (0..<input.1).contains(x) ? y * input.1 + x : nil
            }
          }
        }
      }
    }

    var twin: ReferenceKernels.Convolution {
      ReferenceKernels.Convolution(
        windows: windows, samples: samples, channels: channels, columns: columns, inputStride: inputStride,
        outputStride: outputStride)
    }

    /// Calls `body` with the shape of an input that zeros follow.
    func withShape(_ body: (ConvolutionShape) -> Void) {
      let table = windows.flatMap { $0.map { ($0 ?? input.0 * input.1) * samples * inputStride } }
      table.withUnsafeBufferPointer {
        body(
          ConvolutionShape(
            positions: windows.count, taps: taps, samples: samples, channels: channels, columns: columns,
            inputStride: inputStride, outputStride: outputStride, table: $0.baseAddress!, outside: inputCount))
      }
    }
  }

  static let cases =
    [
      Case(input: (1, 28), size: (1, 3), before: 1, channels: 28, filters: 64),
      Case(input: (13, 13), size: (3, 3), channels: 32, filters: 64),
      Case(input: (9, 8), size: (3, 3), before: 1, channels: 1, filters: 32),
      Case(input: (9, 8), size: (3, 3), stride: 2, before: 1, channels: 17, filters: 25, gap: 16),
      Case(input: (7, 9), size: (5, 2), stride: 3, before: 2, channels: 9, filters: 144, gap: 5),
      Case(input: (4, 4), size: (2, 2), stride: 3, channels: 100, filters: 7),
    ]
    // Every way to cut taps and channels into tiles.
    + [1, 2, 3, 4, 5, 8, 9, 10, 13, 14, 18, 25].map { Case(input: (1, 30), size: (1, $0), channels: 1, filters: 16) }
    + (8...16).map { Case(input: (3, 3), size: (2, 2), before: 1, channels: $0, filters: 32) }
    // Strips of columns, and numbers of samples.
    + stride(from: 16, through: 144, by: 16).map { Case(input: (1, 5), size: (1, 3), channels: 12, filters: $0) }
    + [1, 2, 3, 4, 5, 7, 12, 14, 32].map {
      Case(input: (3, 4), size: (2, 3), before: 1, channels: 20, filters: 48, samples: $0)
    }
    + [1, 3].map { Case(input: (1, 6), size: (1, 3), channels: 11, filters: 160, samples: $0) }

  private func numbers(_ stream: UInt32, _ count: Int, _ edges: Bool) -> [Float] {
    edges ? Inputs.numbersWithEdges(stream, count, turn: Int(stream)) : Inputs.numbers(stream, count)
  }

  /// The input, and a position of zeros after it.
  private func input(_ convolution: Case, _ edges: Bool) -> [Float] {
    numbers(1, convolution.inputCount, edges)
      + [Float](repeating: 0, count: convolution.samples * convolution.inputStride)
  }

  @Test(arguments: cases, [false, true])
  func `Sums over the taps, and their rectifier`(_ convolution: Case, edges: Bool) {
    let (depth, columns) = (convolution.taps * convolution.channels, convolution.columns)
    let input = input(convolution, edges)
    let kernel = numbers(2, (columns + 63) / 64 * 64 * depth, edges)
    let (bias, before) = (numbers(3, columns, edges), numbers(4, convolution.outputCount, false))
    for floor in [-.infinity, 0] as [Float] {
      var expected = before
      convolution.twin.forward(input, kernel: kernel, bias: bias, floor: floor, into: &expected)
      convolution.withShape { shape in
        expectSameBits(
          output(before.count, from: before) { convolve(shape, input, kernel, bias: bias, floor: floor, into: $0) },
          expected, "floor \(floor)")
      }
    }
  }

  @Test(arguments: cases, [false, true])
  func `Gradients of kernel and bias over samples and positions in order`(_ convolution: Case, edges: Bool) {
    let (columns, stride) = (convolution.columns, convolution.columns + convolution.gap)
    let (input, dy) = (input(convolution, edges), numbers(2, convolution.outputCount, edges))
    let before = numbers(3, convolution.taps * convolution.channels * stride, false)
    var (expected, expectedBias) = (before, [Float](repeating: 0, count: columns))
    convolution.twin.weightGradients(input, dy, stride: stride, into: &expected, bias: &expectedBias)
    var kernel: [Float] = []
    let bias = output(columns) { bias in
      convolution.withShape { shape in
        kernel = output(before.count, from: before) {
          convolutionGradients(shape, input, dy, into: $0, stride: stride, bias: bias)
        }
      }
    }
    expectSameBits(kernel, expected, "kernel")
    expectSameBits(bias, expectedBias, "bias")
  }

  @Test(arguments: cases, [false, true])
  func `Gradients of the input over the output positions in order`(_ convolution: Case, edges: Bool) {
    // Rows of an input with a gradient are whole vectors.
    var convolution = convolution
    let width = (convolution.channels + 15) / 16 * 16
    convolution.gap = width - convolution.channels
    let (dy, filters) = (numbers(1, convolution.outputCount, edges), convolution.filters)
    let transposed = (0..<convolution.taps).map { numbers(10 + UInt32($0), (width + 63) / 64 * 64 * filters, edges) }
    let before = numbers(2, convolution.inputCount, edges)
    var expected = before
    convolution.twin.addInputGradient(dy, filters: filters, width: width, transposed: transposed, to: &expected)
    let dx = output(before.count, from: before) { dx in
      convolution.withShape { shape in
        for tap in (0..<convolution.taps).reversed() {
          convolveBackward(shape, tap: tap, filters: filters, columns: width, dy, transposed[tap], addingTo: dx)
        }
      }
    }
    expectSameBits(dx, expected)
  }
}
