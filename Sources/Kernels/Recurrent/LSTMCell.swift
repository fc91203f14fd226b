/// The pointwise half of an LSTM step, for a block of rows of 64 units.
///
///     i = σ(z_i)   f = σ(z_f)   g = tanh(z_c)   o = σ(z_o)
///     c = f ∘ c' + i ∘ g        h = o ∘ tanh c
///
/// Gates are in Keras' order i f c o; the four gate blocks lie `gateStride` numbers apart.
public struct LSTMCellBuffers {
  /// In: the four gates' sums z. Out: the four gates' values (backward reads them).
  public var gates: UnsafeMutablePointer<Float>
  /// The distance between the gate blocks.
  public var gateStride: Int
  /// The cell state before the step, [rows, 64]; nil at the first step, where it is zero.
  public var previousCell: UnsafePointer<Float>?
  /// The cell state after the step, [rows, 64].
  public var cell: UnsafeMutablePointer<Float>
  /// tanh of the cell state, [rows, 64].
  public var cellTanh: UnsafeMutablePointer<Float>

  /// The buffers of one step.
  public init(
    gates: UnsafeMutablePointer<Float>, gateStride: Int, previousCell: UnsafePointer<Float>?,
    cell: UnsafeMutablePointer<Float>, cellTanh: UnsafeMutablePointer<Float>
  ) {
    self.gates = gates
    self.gateStride = gateStride
    self.previousCell = previousCell
    self.cell = cell
    self.cellTanh = cellTanh
  }
}

/// Steps the cell forward for `count` = rows x 64 units and writes the output h.
public func lstmCellForward(_ buffers: LSTMCellBuffers, output: UnsafeMutablePointer<Float>, count: Int) {
  let z = buffers.gates
  let stride = buffers.gateStride
  forEachVector(count) { at in
    let i = Elementary.sigmoid(.load(z + at))
    let f = Elementary.sigmoid(.load(z + (stride &+ at)))
    let g = Elementary.tanh(.load(z + (2 &* stride &+ at)))
    let o = Elementary.sigmoid(.load(z + (3 &* stride &+ at)))
    i.store(z + at)
    f.store(z + (stride &+ at))
    g.store(z + (2 &* stride &+ at))
    o.store(z + (3 &* stride &+ at))
    let before = buffers.previousCell.map { Lanes.load($0 + at) } ?? Lanes()
    let c = (i * g).adding(product: f, before)
    let t = Elementary.tanh(c)
    c.store(buffers.cell + at)
    t.store(buffers.cellTanh + at)
    (o * t).store(output + at)
  }
}

/// Steps the cell backward for `count` = rows x 64 units: the gates' buffers, which hold the gates' values, receive the
/// gradients of their sums z.
///
/// - Parameters:
///   - outputGradient: the loss' gradient by h, [rows, 64].
///   - cellGradient: in: the gradient by c that came from the later step; out: that by the earlier step's c.
public func lstmCellBackward(
  _ buffers: LSTMCellBuffers, outputGradient: UnsafePointer<Float>, cellGradient: UnsafeMutablePointer<Float>,
  count: Int
) {
  let z = buffers.gates
  let stride = buffers.gateStride
  let one = Lanes(repeating: 1)
  forEachVector(count) { at in
    let i = Lanes.load(z + at)
    let f = Lanes.load(z + (stride &+ at))
    let g = Lanes.load(z + (2 &* stride &+ at))
    let o = Lanes.load(z + (3 &* stride &+ at))
    let t = Lanes.load(buffers.cellTanh + at)
    let before = buffers.previousCell.map { Lanes.load($0 + at) } ?? Lanes()
    let dh = Lanes.load(outputGradient + at)
    let dc = Lanes.load(cellGradient + at).adding(product: dh * o, one - t * t)
    (dc * g * (i * (one - i))).store(z + at)
    (dc * before * (f * (one - f))).store(z + (stride &+ at))
    (dc * i * (one - g * g)).store(z + (2 &* stride &+ at))
    (dh * t * (o * (one - o))).store(z + (3 &* stride &+ at))
    (dc * f).store(cellGradient + at)
  }
}
