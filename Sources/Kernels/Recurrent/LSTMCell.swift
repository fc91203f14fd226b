/// The pointwise part of one LSTM time step, for a block of rows of units (padded to a multiple of 16).
///
///     i = σ(z_i)   f = σ(z_f)   g = tanh(z_c)   o = σ(z_o)
///     c = f ∘ c' + i ∘ g        h = o ∘ tanh c
///
/// Gates are in Keras' order i f c o; the four gate blocks are `gateStride` numbers apart.
public struct LSTMCellBuffers {
  /// In: the pre-activations z of the four gates. Out: their activations, which the backward pass reads.
  public var gates: UnsafeMutablePointer<Float>
  /// The distance between the gate blocks, in elements.
  public var gateStride: Int
  /// The previous cell state c', [rows, units]; nil at the first time step, where it is zero.
  public var previousCell: UnsafePointer<Float>?
  /// The new cell state c, [rows, units].
  public var cell: UnsafeMutablePointer<Float>
  /// tanh c, [rows, units].
  public var cellTanh: UnsafeMutablePointer<Float>

  /// The buffers of one time step.
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

/// The cell's forward pass for one time step of `count` = rows x units; writes the hidden state h to `output`.
public func lstmCellForward(_ buffers: LSTMCellBuffers, output: UnsafeMutablePointer<Float>, count: Int) {
  let z = buffers.gates
  let stride = buffers.gateStride
  // Function by function: more vectors side by side than one loop over all of the cell has registers for.
  sigmoids(z, into: z, count: count)
  sigmoids(z + stride, into: z + stride, count: count)
  hyperbolicTangents(z + 2 &* stride, into: z + 2 &* stride, count: count)
  sigmoids(z + 3 &* stride, into: z + 3 &* stride, count: count)
  for at in vectors(count) {
    let before = buffers.previousCell.map { Lanes.load($0 + at) } ?? Lanes()
    let (i, f) = (Lanes.load(z + at), Lanes.load(z + (stride &+ at)))
    let (g, o) = (Lanes.load(z + (2 &* stride &+ at)), Lanes.load(z + (3 &* stride &+ at)))
    let c = (i * g).adding(product: f, before)
    let t = Elementary.tanh(c)
    c.store(buffers.cell + at)
    t.store(buffers.cellTanh + at)
    (o * t).store(output + at)
  }
}

/// The cell's backward pass for one time step of `count` = rows x units. The gate buffers hold the activations, and
/// receive the gradients with respect to the pre-activations z.
///
/// - Parameters:
///   - outputGradient: the gradient with respect to h, [rows, units].
///   - cellGradient: in: the gradient with respect to c from the next time step; out: that with respect to c'.
public func lstmCellBackward(
  _ buffers: LSTMCellBuffers, outputGradient: UnsafePointer<Float>, cellGradient: UnsafeMutablePointer<Float>,
  count: Int
) {
  let z = buffers.gates
  let stride = buffers.gateStride
  let one = Lanes(repeating: 1)
  for at in vectors(count) {
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
