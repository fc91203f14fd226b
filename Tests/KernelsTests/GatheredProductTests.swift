import Kernels
import ReferenceKernels
import TestTags
import Testing

@Suite("Products over gathered terms or rows have the plain loops' bits", .tags(.bits))
struct GatheredProductTests {
  /// A product's size, and how many of the terms or rows are chosen, of how many.
  struct Case: Sendable, CustomTestStringConvertible {
    var others: Int, chosen: Int, of = 64, columns = 64
    var testDescription: String { "\(chosen) of \(of), \(others) of the others, \(columns) columns" }

    /// Ascending numbers with gaps.
    var list: [Int32] { (0..<chosen).map { Int32($0 * of / max(chosen, 1)) } }
  }

  /// All, none, one, and as many as tiles have rows, between and beside them.
  static let cases =
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 17, 45, 64].map { Case(others: 14, chosen: $0) }
    + (1...16).map { Case(others: $0, chosen: 45) }
    + [Case(others: 28, chosen: 45), Case(others: 28, chosen: 70, of: 100, columns: 192)]
    + stride(from: 16, through: 112, by: 16).map { Case(others: 9, chosen: 11, of: 13, columns: $0) }

  @Test(arguments: cases)
  func `Gathered terms`(_ product: Case) {
    // As the input's product of a recurrent layer for one of two samples: [T, B, channels] times panels.
    let (rows, stride) = (product.others, 2 * product.of)
    let a = Inputs.numbers(1, rows * stride)
    let b = Inputs.numbers(2, (product.columns + 63) / 64 * 64 * product.of), bias = Inputs.numbers(3, product.columns)
    let before = Inputs.numbers(4, rows * 2 * product.columns)
    let shape = ProductShape(
      rows: rows, columns: product.columns, depth: product.chosen, rowStride: stride, depthStride: 1, bStride: 64,
      bPanelStride: 64 * product.of, cStride: 2 * product.columns)
    let twin = ReferenceKernels.Shape(
      rows: rows, columns: product.columns, depth: product.chosen, rowStride: stride, depthStride: 1, bStride: 64,
      bPanelStride: 64 * product.of, cStride: 2 * product.columns)
    var expected = before
    ReferenceKernels.multiply(twin, terms: product.list, a, b, bias: bias, into: &expected)
    let sums = output(before.count, from: before) {
      multiply(shape, terms: product.list, a, b, bias: bias, into: $0)
    }
    expectSameBits(sums, expected, "bias + A B")
  }

  @Test func `What gathered terms leave out is as if A were zero there`() {
    let list = Case(others: 14, chosen: 45).list
    let b = Inputs.numbers(2, 64 * 64), bias = Inputs.numbers(3, 64)
    var a = Inputs.numbers(1, 14 * 64)
    for index in a.indices where !list.contains(Int32(index % 64)) { a[index] = 0 }
    let whole = output(14 * 64) {
      multiply(ProductShape(rows: 14, depth: 64, rowStride: 64, depthStride: 1), a, b, bias: bias, into: $0)
    }
    let gathered = output(14 * 64) {
      multiply(
        ProductShape(rows: 14, depth: 45, rowStride: 64, depthStride: 1), terms: list, a, b, bias: bias, into: $0)
    }
    expectSameBits(gathered, whole)
  }

  @Test(arguments: cases)
  func `Gathered rows`(_ product: Case) {
    // As the gradient of a kernel for one of two samples: A is [T, B, channels], transposed, B is [T, B, units].
    let (depth, stride) = (product.others, 2 * product.of)
    let a = Inputs.numbers(1, depth * stride), b = Inputs.numbers(2, depth * 2 * product.columns + 64)
    let before = Inputs.numbers(4, product.of * (product.columns + 16))
    let shape = ProductShape(
      rows: product.chosen, columns: product.columns, depth: depth, rowStride: 1, depthStride: stride,
      bStride: 2 * product.columns, cStride: product.columns + 16)
    let twin = ReferenceKernels.Shape(
      rows: product.chosen, columns: product.columns, depth: depth, rowStride: 1, depthStride: stride,
      bStride: 2 * product.columns, cStride: product.columns + 16)
    var expected = before
    ReferenceKernels.multiplyAccumulating(twin, rows: product.list, a, b, into: &expected)
    let accumulated = output(before.count, from: before) {
      multiplyAccumulating(shape, rows: product.list, a, b, into: $0)
    }
    expectSameBits(accumulated, expected, "C + A B")
  }

  @Test(arguments: [1, 7, 15, 16, 28, 40, 64])
  func `A mask's kept channels are listed in order`(_ count: Int) {
    let mask = Inputs.numbers(5, count).map { $0 < 0 ? 0 : 1.25 as Float }
    var list = [Int32](repeating: -1, count: count + 16)
    let kept = keptChannels(mask, count: count, into: &list)
    #expect(Array(list.prefix(kept)) == mask.indices.filter { mask[$0] != 0 }.map { Int32($0) })
  }
}
