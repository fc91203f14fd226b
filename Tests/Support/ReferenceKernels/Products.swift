/// The scalar twins of the module Kernels: the same operations in the same order, one number at a time in plain loops, so
/// that any vector width must give their bits. Only tests use them. Arrays are row by row; panels have 64 columns.
public enum ReferenceKernels {
  /// Columns of a panel of B.
  static let panelColumns = 64

  /// A product's sizes and strides, as Kernels' `ProductShape` has them.
  public struct Shape: Sendable {
    /// Rows of A and C, columns of B and C, and terms of a sum.
    public let rows: Int, columns: Int, depth: Int
    /// Distances in A between rows and between terms; between the rows of B, and its panels; between the rows of C.
    public let rowStride: Int, depthStride: Int, bStride: Int, bPanelStride: Int, cStride: Int

    /// The shape with those sizes; the rows of B and C are contiguous unless strides say otherwise.
    public init(
      rows: Int, columns: Int = 64, depth: Int, rowStride: Int, depthStride: Int, bStride: Int? = nil,
      bPanelStride: Int = 64, cStride: Int? = nil
    ) {
      self.rows = rows
      self.columns = columns
      self.depth = depth
      self.rowStride = rowStride
      self.depthStride = depthStride
      self.bStride = bStride ?? columns
      self.bPanelStride = bPanelStride
      self.cStride = cStride ?? columns
    }
  }

  /// One output of A · B: from `start` on, a chain of fused multiply-adds over the terms in order: all, unless they are
  /// given.
  static func chain(
    _ shape: Shape, _ a: [Float], _ b: [Float], row: Int, column: Int, start: Float, terms: [Int32]? = nil
  ) -> Float {
    var sum = start
    for term in 0..<shape.depth {
      let k = terms.map { Int($0[term]) } ?? term
      let (panel, rest) = column.quotientAndRemainder(dividingBy: panelColumns)
      let offset = panel * shape.bPanelStride + k * shape.bStride + rest
      sum = sum.addingProduct(a[row * shape.rowStride + k * shape.depthStride], b[offset])
    }
    return sum
  }

  /// C = bias + A · B, where a missing bias is 0.
  public static func multiply(_ shape: Shape, _ a: [Float], _ b: [Float], bias: [Float]? = nil, into c: inout [Float]) {
    for row in 0..<shape.rows {
      for column in 0..<shape.columns {
        c[row * shape.cStride + column] = chain(
          shape, a, b, row: row, column: column, start: bias?[column] ?? 0)
      }
    }
  }

  /// C = C + A · B, the chains beginning with what C holds.
  public static func multiplyAccumulating(_ shape: Shape, _ a: [Float], _ b: [Float], into c: inout [Float]) {
    for row in 0..<shape.rows {
      for column in 0..<shape.columns {
        let index = row * shape.cStride + column
        c[index] = chain(shape, a, b, row: row, column: column, start: c[index])
      }
    }
  }

  /// C = C + (A · B) ∘ M, fused; row r of C takes row r mod 8 of M.
  public static func multiplyMaskedAccumulating(
    _ shape: Shape, _ a: [Float], _ b: [Float], mask: [Float], into c: inout [Float]
  ) {
    for row in 0..<shape.rows {
      for column in 0..<shape.columns {
        let sum = chain(shape, a, b, row: row, column: column, start: 0)
        let index = row * shape.cStride + column
        c[index] = c[index].addingProduct(sum, mask[row % 8 * shape.cStride + column])
      }
    }
  }

  /// C = bias + A · B over those terms.
  public static func multiply(
    _ shape: Shape, terms: [Int32], _ a: [Float], _ b: [Float], bias: [Float], into c: inout [Float]
  ) {
    for row in 0..<shape.rows {
      for column in 0..<shape.columns {
        c[row * shape.cStride + column] = chain(
          shape, a, b, row: row, column: column, start: bias[column], terms: terms)
      }
    }
  }

  /// Those rows of C = C + A · B.
  public static func multiplyAccumulating(
    _ shape: Shape, rows: [Int32], _ a: [Float], _ b: [Float], into c: inout [Float]
  ) {
    for row in rows.prefix(shape.rows) {
      for column in 0..<shape.columns {
        let index = Int(row) * shape.cStride + column
        c[index] = chain(shape, a, b, row: Int(row), column: column, start: c[index])
      }
    }
  }
}
