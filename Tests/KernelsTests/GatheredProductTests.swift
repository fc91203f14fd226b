import Kernels
import ReferenceKernels
import TestTags
import Testing

@Suite("Products of listed channels have the plain loops' bits", .tags(.bits))
struct GatheredProductTests {
  /// How many steps, channels and columns there are, and which channels are listed.
  struct Case: Sendable, CustomTestStringConvertible {
    var steps: Int, channels = 64, columns = 64
    /// The share of the channels that is listed.
    var kept = 0.7 as Float

    var testDescription: String { "\(steps) steps, \(kept) of \(channels) channels, \(columns) columns" }
    var list: [Int32] {
      zip(Inputs.numbers(9, channels), 0..<Int32(channels)).filter { $0.0 < 2 * kept - 1 }.map { $0.1 }
    }
    /// Samples lie between the steps of A and C.
    var aStride: Int { 3 * channels }
    var panels: Int { (columns + 63) / 64 }
  }

  // Every number of steps and of listed channels beside and between tiles; every number of vectors of columns.
  static let cases =
    [Case(steps: 14), Case(steps: 28, channels: 28), Case(steps: 14, kept: 1), Case(steps: 5, kept: -1)]
    + (1...13).map { Case(steps: $0, channels: $0 + 9) }
    + stride(from: 16, through: 144, by: 16).map { Case(steps: 9, channels: 33, columns: $0) }

  private func withList<Result>(_ list: [Int32], _ body: (ChannelList) -> Result) -> Result {
    (list + [0]).withUnsafeBufferPointer { body(ChannelList($0.baseAddress!, count: list.count)) }
  }

  @Test(arguments: cases)
  func `A product over listed channels`(_ test: Case) {
    let a = Inputs.numbers(1, test.steps * test.aStride)
    let b = Inputs.numbers(2, test.panels * 64 * test.channels)
    let bias = Inputs.numbers(3, test.columns)
    let cStride = test.columns + 16
    let before = Inputs.numbers(4, test.steps * cStride)
    let twin = ReferenceKernels.Shape(
      rows: test.steps, columns: test.columns, depth: 0, rowStride: test.aStride, depthStride: 1, bStride: 64,
      bPanelStride: 64 * test.channels, cStride: cStride)
    var expected = before
    ReferenceKernels.multiplyGathered(twin, test.list, a, b, bias: bias, into: &expected)
    let shape = GatheredShape(
      steps: test.steps, columns: test.columns, aStride: test.aStride, bStride: 64, bPanelStride: 64 * test.channels,
      cStride: cStride)
    let found = output(before.count, from: before) { c in
      withList(test.list) { multiplyGathered(shape, $0, a, b, bias: bias, into: c) }
    }
    expectSameBits(found, expected)
  }

  @Test(arguments: cases)
  func `A sum over the steps for listed channels`(_ test: Case) {
    let bStride = 2 * 64 * test.panels
    let a = Inputs.numbers(1, test.steps * test.aStride)
    let b = Inputs.numbers(2, test.steps * bStride)
    let before = Inputs.numbers(3, test.channels * test.columns)
    let twin = ReferenceKernels.Shape(
      rows: 0, columns: test.columns, depth: test.steps, rowStride: 1, depthStride: test.aStride, bStride: bStride,
      cStride: test.columns)
    var expected = before
    ReferenceKernels.accumulateGathered(twin, test.list, a, b, into: &expected)
    let shape = GatheredShape(
      steps: test.steps, columns: test.columns, aStride: test.aStride, bStride: bStride, cStride: test.columns)
    let found = output(before.count, from: before) { c in
      withList(test.list) { accumulateGathered(shape, $0, a, b, into: c) }
    }
    expectSameBits(found, expected)
  }

  @Test func `Leaving out a channel of zeros changes no bit`() {
    let test = Case(steps: 14)
    let (a, b) = (Inputs.numbers(1, 14 * 64), Inputs.numbers(2, 64 * 64))
    let bias = Inputs.numbers(3, 64)
    var masked = a
    for (index, _) in a.enumerated() where !test.list.contains(Int32(index % 64)) { masked[index] = 0 }
    let dense = output(14 * 64) {
      multiply(ProductShape(rows: 14, depth: 64, rowStride: 64, depthStride: 1), masked, b, bias: bias, into: $0)
    }
    let shape = GatheredShape(steps: 14, columns: 64, aStride: 64, bStride: 64, cStride: 64)
    let gathered = output(14 * 64) { c in
      withList(test.list) { multiplyGathered(shape, $0, a, b, bias: bias, into: c) }
    }
    expectSameBits(gathered, dense)
  }

  @Test(arguments: [1, 7, 15, 16, 28, 40, 64])
  func `A mask's kept channels are listed in order`(_ count: Int) {
    let mask = Inputs.numbers(5, count).map { $0 < 0 ? 0 : 1.25 as Float }
    var list = [Int32](repeating: -1, count: count + 16)
    let kept = keptChannels(mask, count: count, into: &list)
    #expect(Array(list.prefix(kept)) == mask.indices.filter { mask[$0] != 0 }.map { Int32($0) })
  }
}
