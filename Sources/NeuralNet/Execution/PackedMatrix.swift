import Kernels

/// A weight matrix in the order in which the products read it: panels of 64 columns, the rows of a panel one after the
/// other; columns past the last are zero. Packed again after each change of the parameters.
struct PackedMatrix {
  /// The rows and columns of the weight.
  let rows: Int, columns: Int
  /// The panels.
  let values: UnsafeMutablePointer<Float>

  /// A matrix of zeros.
  init(rows: Int, columns: Int, workspace: Workspace) {
    self.rows = rows
    self.columns = columns
    values = workspace.take((columns + panelColumns - 1) / panelColumns * panelColumns * rows)
  }

  private var panelSize: Int { rows * panelColumns }

  private func forEachPanel(_ body: (UnsafeMutablePointer<Float>, _ first: Int, _ width: Int) -> Void) {
    for first in stride(from: 0, to: columns, by: panelColumns) {
      body(values + first / panelColumns * panelSize, first, min(panelColumns, columns - first))
    }
  }

  /// Takes the matrix from [rows, columns] whose rows are `stride` numbers apart.
  func pack(_ source: UnsafePointer<Float>, stride: Int) {
    forEachPanel { panel, first, width in
      copyBlock(source + first, stride: stride, into: panel, stride: panelColumns, rows: rows, columns: width)
    }
  }

  /// Takes the transpose of [columns, rows] whose rows are `stride` numbers apart.
  func packTransposed(_ source: UnsafePointer<Float>, stride: Int) {
    forEachPanel { panel, first, width in
      transposeBlock(
        source + first * stride, stride: stride, into: panel, stride: panelColumns, rows: width, columns: rows)
    }
  }

  /// The shape of a product A · this, where A has `count` rows.
  func product(count: Int, rowStride: Int, cStride: Int) -> ProductShape {
    product(count: count, terms: rows, rowStride: rowStride, cStride: cStride)
  }

  /// The shape of a product of `terms` gathered rows of this with as many columns of A, which has `count` rows.
  func product(count: Int, terms: Int, rowStride: Int, cStride: Int) -> ProductShape {
    ProductShape(
      rows: count, columns: padded(columns), depth: terms, rowStride: rowStride, depthStride: 1, bStride: panelColumns,
      bPanelStride: panelSize, cStride: cStride)
  }
}

/// The gradient of a weight matrix: a product that ends in the flat gradient buffer, directly where its columns are whole
/// vectors, else by way of padded rows.
struct WeightGradient {
  /// The rows and columns of the weight.
  let rows: Int, columns: Int
  private let scratch: UnsafeMutablePointer<Float>?

  init(rows: Int, columns: Int, workspace: Workspace) {
    self.rows = rows
    self.columns = columns
    scratch = columns == padded(columns) ? nil : workspace.take(rows * padded(columns))
  }

  /// Computes into the columns of `target`, whose rows are `stride` numbers apart; `compute` gets a place for padded rows.
  func write(
    to target: UnsafeMutablePointer<Float>, stride: Int,
    _ compute: (UnsafeMutablePointer<Float>, _ stride: Int) -> Void
  ) {
    guard let scratch else { return compute(target, stride) }
    compute(scratch, padded(columns))
    copyBlock(scratch, stride: padded(columns), into: target, stride: stride, rows: rows, columns: columns)
  }

  /// The shape of Aᵀ · B, with rows of A and B `depth` in number and these strides apart.
  func product(depth: Int, aStride: Int, bStride: Int, cStride: Int) -> ProductShape {
    product(rows: rows, depth: depth, aStride: aStride, bStride: bStride, cStride: cStride)
  }

  /// The shape of `count` gathered rows of Aᵀ · B.
  func product(rows count: Int, depth: Int, aStride: Int, bStride: Int, cStride: Int) -> ProductShape {
    ProductShape(
      rows: count, columns: padded(columns), depth: depth, rowStride: 1, depthStride: aStride, bStride: bStride,
      cStride: cStride)
  }
}
