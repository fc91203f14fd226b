import Kernels
import TestTags
import Testing

@Suite("Windows and rows are moved number by number", .tags(.bits))
struct WindowTests {
  /// 5 windows of 3 taps over 7 positions, some outside, some overlapping.
  static let windows: [Int32] = [-1, 0, 1, 0, 1, 2, 2, 3, 4, 4, 5, 6, 6, -1, -1]

  @Test(arguments: [1, 3, 16, 17, 40, 64])
  func `The windows' channels become rows, and their gradients are added back`(_ channels: Int) {
    let stride = channels + 5
    let input = Inputs.numbersWithEdges(1, 7 * stride)
    var expected: [Float] = []
    for position in Self.windows {
      expected += (0..<channels).map { position < 0 ? 0 : input[Int(position) * stride + $0] }
    }
    let rows = output(expected.count) {
      gatherWindows(Self.windows, positions: 5, taps: 3, input, stride: stride, channels: channels, into: $0)
    }
    expectSameBits(rows, expected, "rows")

    let rowStride = 3 * channels + 7
    let gradient = Inputs.numbers(2, 5 * rowStride)
    let before = Inputs.numbers(3, 7 * stride)
    var sums = before
    for (index, position) in Self.windows.enumerated() where position >= 0 {
      for channel in 0..<channels {
        sums[Int(position) * stride + channel] += gradient[index / 3 * rowStride + index % 3 * channels + channel]
      }
    }
    let scattered = output(before.count, from: before) {
      scatterWindows(
        Self.windows, positions: 5, taps: 3, gradient, rowStride: rowStride, channels: channels, into: $0,
        stride: stride)
    }
    expectSameBits(scattered, sums, "gradient")
  }

  @Test(arguments: [0, 1, 3, 4, 5, 15, 16, 17, 31, 33, 784])
  func `Any count of numbers is copied, and no more`(_ count: Int) {
    let source = Inputs.numbersWithEdges(1, count + 32)
    let before = Inputs.numbers(2, count + 32)
    let copy = output(before.count, from: before) { copyNumbers(source, into: $0, count: count) }
    expectSameBits(copy, Array(source[..<count] + before[count...]))
  }

  @Test(arguments: [(28, 28), (28, 1), (1, 28), (784, 28), (12, 16), (16, 49), (56, 784), (8, 7)])
  func `A reshape keeps the order of the numbers`(_ from: Int, _ to: Int) {
    let count = 784
    let (stride, targetStride) = (from + 9, to + 3)
    let source = Inputs.numbers(1, count / from * stride + stride)
    let before = Inputs.numbers(2, count / to * targetStride + targetStride)
    var expected = before
    for number in 0..<count {
      expected[number / to * targetStride + number % to] = source[number / from * stride + number % from]
    }
    let target = output(before.count, from: before) {
      regroupRows(
        source, SampleRows(length: from, stride: stride), into: $0, SampleRows(length: to, stride: targetStride),
        count: count)
    }
    expectSameBits(target, expected)
  }
}
