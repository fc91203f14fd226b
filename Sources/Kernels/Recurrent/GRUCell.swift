/// The pointwise part of one GRU time step, for a block of rows of units (padded to a multiple of 16).
///
///     z = σ(x_z)   r = σ(x_r)   ĥ = tanh(x_h + r ∘ u)
///     h = z ∘ h' + (1 - z) ∘ ĥ
///
/// x_z and x_r are the sums of input and recurrent products; the candidate's two products, x_h and u, stay apart because
/// the reset gate r is between them. The four blocks z r ĥ u are `gateStride` numbers apart.
public struct GRUCellBuffers {
  /// In: x_z, x_r, x_h and u. Out: z, r, ĥ and u, which the backward pass reads.
  public var gates: UnsafeMutablePointer<Float>
  /// The distance between the blocks, in elements.
  public var gateStride: Int
  /// The previous hidden state h', [rows, units]; nil at the first time step, where it is zero.
  public var previousOutput: UnsafePointer<Float>?

  /// The buffers of one time step.
  public init(gates: UnsafeMutablePointer<Float>, gateStride: Int, previousOutput: UnsafePointer<Float>?) {
    self.gates = gates
    self.gateStride = gateStride
    self.previousOutput = previousOutput
  }
}

/// The cell's forward pass for one time step of `count` = rows x units; writes the hidden state h to `output`.
public func gruCellForward(_ buffers: GRUCellBuffers, output: UnsafeMutablePointer<Float>, count: Int) {
  let gates = buffers.gates
  let stride = buffers.gateStride
  let one = Lanes(repeating: 1)
  sigmoids(gates, into: gates, count: count)
  sigmoids(gates + stride, into: gates + stride, count: count)
  for at in vectors(count) {
    let (z, r) = (Lanes.load(gates + at), Lanes.load(gates + (stride &+ at)))
    let u = Lanes.load(gates + (3 &* stride &+ at))
    let candidate = Elementary.tanh(Lanes.load(gates + (2 &* stride &+ at)).adding(product: r, u))
    candidate.store(gates + (2 &* stride &+ at))
    let before = buffers.previousOutput.map { Lanes.load($0 + at) } ?? Lanes()
    ((one - z) * candidate).adding(product: z, before).store(output + at)
  }
}

/// The cell's backward pass for one time step of `count` = rows x units. The blocks hold z, r, ĥ and u, and receive the
/// gradients with respect to x_z, x_r, x_h and u.
///
/// - Parameter outputGradient: in: the gradient with respect to h; out: the part of that with respect to h' that does not
///   pass through a product, z ∘ dh; [rows, units].
public func gruCellBackward(_ buffers: GRUCellBuffers, outputGradient: UnsafeMutablePointer<Float>, count: Int) {
  let gates = buffers.gates
  let stride = buffers.gateStride
  let one = Lanes(repeating: 1)
  for at in vectors(count) {
    let z = Lanes.load(gates + at)
    let r = Lanes.load(gates + (stride &+ at))
    let candidate = Lanes.load(gates + (2 &* stride &+ at))
    let u = Lanes.load(gates + (3 &* stride &+ at))
    let before = buffers.previousOutput.map { Lanes.load($0 + at) } ?? Lanes()
    let dh = Lanes.load(outputGradient + at)
    let dx = dh * (one - z) * (one - candidate * candidate)
    (dh * (before - candidate) * (z * (one - z))).store(gates + at)
    (dx * u * (r * (one - r))).store(gates + (stride &+ at))
    dx.store(gates + (2 &* stride &+ at))
    (dx * r).store(gates + (3 &* stride &+ at))
    (dh * z).store(outputGradient + at)
  }
}
