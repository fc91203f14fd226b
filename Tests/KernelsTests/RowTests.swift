import Kernels
import TestTags
import Testing

@Suite("Rows are moved number by number", .tags(.bits))
struct RowTests {
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
