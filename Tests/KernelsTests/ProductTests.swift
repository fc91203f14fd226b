import Kernels
import ReferenceKernels
import TestTags
import Testing

@Suite("Matrix products have the plain loops' bits", .tags(.bits))
struct ProductTests {
  /// A product as the layers use it, and what its operands hold.
  struct Case: Sendable, CustomTestStringConvertible {
    /// How the rows of B lie: one after the other, or in panels of 64 columns.
    enum Layout { case rows, panels }

    var rows: Int, columns = 64, depth: Int, transposed = false, layout = Layout.rows, gap = 0
    var testDescription: String {
      "\(rows) x \(columns) x \(depth)\(transposed ? ", A transposed" : "")"
        + "\(layout == .panels ? ", B in panels" : "")\(gap > 0 ? ", C strided" : "")"
    }

    var rowStride: Int { transposed ? 1 : depth + 3 }
    var depthStride: Int { transposed ? rows + 5 : 1 }
    var bStride: Int { layout == .panels ? 64 : columns }
    var bPanelStride: Int { layout == .panels ? 64 * depth : 64 }
    var cStride: Int { columns + gap }
    var aCount: Int { rows * rowStride + depth * depthStride }
    var bCount: Int { (columns + 63) / 64 * 64 * max(depth, 1) }
    var shape: ProductShape {
      ProductShape(
        rows: rows, columns: columns, depth: depth, rowStride: rowStride, depthStride: depthStride, bStride: bStride,
        bPanelStride: bPanelStride, cStride: cStride)
    }
    var twin: ReferenceKernels.Shape {
      ReferenceKernels.Shape(
        rows: rows, columns: columns, depth: depth, rowStride: rowStride, depthStride: depthStride, bStride: bStride,
        bPanelStride: bPanelStride, cStride: cStride)
    }
  }

  static let cases =
    [
      Case(rows: 4, depth: 1), Case(rows: 8, depth: 64), Case(rows: 12, depth: 25), Case(rows: 28, depth: 84),
      Case(rows: 112, depth: 64), Case(rows: 64, depth: 104, transposed: true, gap: 192),
      Case(rows: 84, depth: 28, transposed: true), Case(rows: 4, depth: 0),
    ]
    // Every number of rows beside and between tiles, in every width of a strip and in short and long sums, which have
    // other tiles; and every number of vectors beside and between strips.
    + (1...18).flatMap { rows in
      [Case(rows: rows, depth: 7), Case(rows: rows, depth: 97)]
        + [16, 32, 48].map { Case(rows: rows, columns: $0, depth: 6, layout: .panels) }
    }
    + stride(from: 16, through: 144, by: 16).flatMap { columns in
      [
        Case(rows: 11, columns: columns, depth: 10, gap: 16),
        Case(rows: 9, columns: columns, depth: 10, layout: .panels),
        Case(rows: 13, columns: columns, depth: 9, transposed: true),
      ]
    }
    + [Case(rows: 3, columns: 320, depth: 5, layout: .panels), Case(rows: 1, columns: 48, depth: 200)]

  @Test(arguments: cases, [false, true])
  func `Products have the bits of the plain loops`(_ product: Case, edges: Bool) {
    func numbers(_ stream: UInt32, _ count: Int) -> [Float] {
      edges ? Inputs.numbersWithEdges(stream, count, turn: Int(stream)) : Inputs.numbers(stream, count)
    }
    let a = numbers(1, product.aCount)
    let b = numbers(2, product.bCount)
    let bias = numbers(3, product.columns)
    let mask = Inputs.numbers(4, 8 * product.cStride).map { $0 < -0.4 ? 0 : 1 / 0.7 as Float }
    let before = numbers(5, product.rows * product.cStride)
    var expected = before

    ReferenceKernels.multiply(product.twin, a, b, into: &expected)
    expectSameBits(output(before.count, from: before) { multiply(product.shape, a, b, into: $0) }, expected, "A B")

    expected = before
    ReferenceKernels.multiply(product.twin, a, b, bias: bias, into: &expected)
    let biased = output(before.count, from: before) { multiply(product.shape, a, b, bias: bias, into: $0) }
    expectSameBits(biased, expected, "bias + A B")

    expected = before
    ReferenceKernels.multiplyAccumulating(product.twin, a, b, into: &expected)
    let sum = output(before.count, from: before) { multiplyAccumulating(product.shape, a, b, into: $0) }
    expectSameBits(sum, expected, "C + A B")

    expected = before
    ReferenceKernels.multiplyMaskedAccumulating(product.twin, a, b, mask: mask, into: &expected)
    let masked = output(before.count, from: before) {
      multiplyMaskedAccumulating(product.shape, a, b, mask: mask, into: $0)
    }
    expectSameBits(masked, expected, "C + (A B) M")
  }

  @Test func `The order of the terms shows in the bits`() {
    // Were a product summed in another order, the comparison above would notice.
    let product = Case(rows: 8, depth: 64)
    let (a, b) = (Inputs.numbers(1, product.aCount), Inputs.numbers(2, 64 * 64))
    var sums = [Float](repeating: 0, count: 8 * 64)
    ReferenceKernels.multiply(product.twin, a, b, into: &sums)
    let reversed = (0..<64).map { column in
      (0..<64).reversed().reduce(Float(0)) { $0.addingProduct(a[$1], b[$1 * 64 + column]) }
    }
    #expect(reversed != Array(sums[..<64]))
  }
}
