import Kernels

/// What the products of a recurrence's gates read: the input and the states of all time steps, masked where there is
/// dropout.
///
/// The masks are drawn once per sample and shared by all time steps. A layer with recurrent dropout has a mask of the input
/// and one of the state per gate; a layer without has at most one of the input for all gates (Keras' dropout_rnn_cell.py).
struct GateInputs {
  let input: Signal
  let time: TimeSteps
  /// The state h after each time step, [T, B, units].
  let states: UnsafeMutablePointer<Float>
  private let inputMask: DropoutMask?, stateMask: DropoutMask?
  /// What is left of the inputs and of the states under dropout; nil where they are not masked.
  let keptInputs: KeptChannels?, keptStates: KeptChannels?
  /// h ∘ r of the last time step, [gates, B, units]; nil where h is not masked.
  private let maskedState: UnsafeMutablePointer<Float>?

  init(_ options: RecurrentOptions, gates: Int, _ context: inout LayerContext, prefix: String, reversed: Bool) {
    let (input, stride) = (context.input, padded(options.units))
    let time = TimeSteps(count: input.positions, block: input.samples * stride, reversed: reversed)
    self.input = input
    self.time = time
    inputMask = context.mask(
      prefix + "input", rate: options.dropout, positions: options.recurrentDropout > 0 ? gates : 1,
      channels: input.channels, stride: input.stride)
    stateMask = context.mask(
      prefix + "state", rate: options.recurrentDropout, positions: gates, channels: options.units, stride: stride)
    let workspace = context.workspace
    states = workspace.take(time.size)
    let sequence = Signal(
      shape: [time.count, options.units], samples: input.samples, stride: stride, values: states, gradient: nil)
    keptInputs = inputMask.map { KeptChannels(input, $0, workspace) }
    keptStates = stateMask.map { KeptChannels(sequence, $0, workspace) }
    maskedState = stateMask.map { workspace.take($0.positions * time.block) }
  }

  /// The inputs, masked where one mask serves all gates.
  var values: UnsafePointer<Float> { UnsafePointer(keptInputs?.values ?? input.values) }

  /// What is left of the inputs where products go over lists of channels.
  var listedInputs: KeptChannels? { keptInputs.flatMap { $0.areListed ? $0 : nil } }

  /// The input of a gate's recurrent product at a time step: the state before it, masked by `maskState` where there is dropout.
  func state(_ gate: Int, before step: Int) -> UnsafePointer<Float> {
    UnsafePointer(maskedState.map { $0 + gate * time.block } ?? states + time.offset(step - 1))
  }

  /// Masks the state after a time step, for the next one.
  func maskState(_ step: Int) {
    guard let maskedState, let stateMask, step + 1 < time.count else { return }
    for gate in 0..<stateMask.positions {
      let at = gate * time.block
      multiplyElements(states + time.offset(step), stateMask.values + at, into: maskedState + at, count: time.block)
    }
  }

  /// dh += (dz kernelᵀ) ∘ r for a gate and a time step, with the transpose of its recurrent kernel.
  ///
  /// - Parameter begins: whether dh is this product alone, whatever is there.
  func addStateGradient(
    _ gate: Int, _ dz: UnsafePointer<Float>, _ kernel: PackedMatrix, stride: Int, begins: Bool,
    to sum: UnsafeMutablePointer<Float>
  ) {
    let shape = kernel.product(count: input.samples, rowStride: stride, cStride: stride)
    if let stateMask {
      if begins { sum.update(repeating: 0, count: time.block) }
      multiplyMaskedAccumulating(shape, dz, kernel.values, mask: stateMask.values + gate * time.block, into: sum)
    } else if begins {
      multiply(shape, dz, kernel.values, into: sum)
    } else {
      multiplyAccumulating(shape, dz, kernel.values, into: sum)
    }
  }

  /// The gradient with respect to x, [T, B, channels]: Σ_g (dz_g kernel_gᵀ) ∘ m_g.
  ///
  /// - Parameters:
  ///   - gates: dz, [gates, T, B, units].
  ///   - kernels: the transposes of the gates' kernels.
  func inputGradient(
    _ gates: UnsafePointer<Float>, _ kernels: [PackedMatrix], stride: Int, into dx: UnsafeMutablePointer<Float>,
    accumulates: Bool
  ) {
    // One mask for all gates can be applied to their sum, unless there is another sum in it already.
    let shared = inputMask.flatMap { $0.positions == 1 && !accumulates ? $0 : nil }
    let masksEach = inputMask != nil && shared == nil
    if !accumulates && masksEach { dx.update(repeating: 0, count: input.count) }
    for (gate, kernel) in kernels.enumerated() {
      let shape = kernel.product(count: input.rows, rowStride: stride, cStride: input.stride)
      let dz = gates + gate * time.size
      if let inputMask, masksEach {
        let mask = inputMask.values + (inputMask.positions == 1 ? 0 : gate * input.block)
        multiplyMaskedAccumulating(shape, dz, kernel.values, mask: mask, into: dx)
      } else if gate == 0 && !accumulates {
        multiply(shape, dz, kernel.values, into: dx)
      } else {
        multiplyAccumulating(shape, dz, kernel.values, into: dx)
      }
    }
    if let shared {
      multiplyByMask(dx, shared.values, into: dx, count: input.count, maskCount: input.block)
    }
  }
}
