/// The shape of a matrix product C = start + A · B.
///
/// A tile of a few rows and vectors of columns stays in registers while k runs in order, so each output is one chain of
/// fused multiply-adds over k, whatever the vector width and the tile. A is read element by element through two strides,
/// so a transposed A needs no copy; B is read row by row, in panels of 64 columns. C must not overlap A or B: a tile's
/// columns are written before the next tile reads A's rows again.
public struct ProductShape {
  /// The number of rows of A and C.
  let rows: Int
  /// The number of columns of B and C, a multiple of 16.
  let columns: Int
  /// The number of terms of each sum: the columns of A, the rows of B.
  let depth: Int
  /// The distance in A between rows, and between consecutive k, in elements.
  let rowStride: Int, depthStride: Int
  /// The distance between the rows of B, and between its panels of 64 columns, in elements.
  let bStride: Int, bPanelStride: Int
  /// The distance between the rows of C, in elements.
  let cStride: Int

  /// A product with `rows` rows, `columns` columns and `depth` terms per sum.
  ///
  /// By default, the rows of B and of C are `columns` numbers apart.
  public init(
    rows: Int, columns: Int = panelColumns, depth: Int, rowStride: Int, depthStride: Int, bStride: Int? = nil,
    bPanelStride: Int = panelColumns, cStride: Int? = nil
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
