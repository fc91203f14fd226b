import Kernels

/// Keras' `LSTM` (Hochreiter and Schmidhuber, 1997; with forget gates, Gers et al., 2000) over time steps.
///
///     z_g[t] = bias_g + (x[t] ∘ m_g) kernel_g + (h[t-1] ∘ r_g) recurrent_kernel_g          g in i f c o
///     i, f, o = σ(z)   ĉ = tanh(z_c)   c[t] = f ∘ c[t-1] + i ∘ ĉ   h[t] = o ∘ tanh c[t]
///
/// The dropout masks m and r are drawn once per sample and shared by all time steps. A layer with recurrent dropout has
/// an m and an r per gate; a layer without has at most one m for all gates, and no r (Keras' rnn/lstm.py and
/// dropout_rnn_cell.py).
public struct LSTM: Layer, RecurrentLayer {
  public static let kerasName = "LSTM"
  static let gates = 4
  var options: RecurrentOptions
  /// Whether the forget gate's bias begins with 1.
  let unitForgetBias: Bool

  /// An LSTM with Keras' initializers.
  public init(
    _ units: Int, returnSequences: Bool = false, goBackwards: Bool = false, dropout: Double = 0,
    recurrentDropout: Double = 0, useBias: Bool = true, unitForgetBias: Bool = true
  ) {
    options = RecurrentOptions(units: units)
    options.returnSequences = returnSequences
    options.goBackwards = goBackwards
    options.dropout = dropout
    options.recurrentDropout = recurrentDropout
    options.useBias = useBias
    self.unitForgetBias = unitForgetBias
  }

  public init(_ configuration: inout LayerConfiguration) throws(ArchitectureError) {
    options = try RecurrentOptions(&configuration)
    unitForgetBias = try configuration.flag("unit_forget_bias", default: true)
  }

  public var configuration: [String: ConfigurationValue] {
    options.configuration.merging(["unit_forget_bias": .bool(unitForgetBias)]) { $1 }
  }

  public func weights(_ input: Shape) -> [Weight] {
    let width = Self.gates * options.units
    return [
      Weight("kernel", [input.channels, width], options.kernelInitializer),
      Weight("recurrent_kernel", [options.units, width], options.recurrentInitializer),
    ] + (options.useBias ? [Weight("bias", [width], unitForgetBias ? .unitForgetBias : options.biasInitializer)] : [])
  }

  public func multiplyAccumulates(_ input: Shape) -> Int { options.multiplyAccumulates(input, gates: Self.gates) }

  func recurrence(_ context: inout LayerContext, prefix: String, reversed: Bool) -> any Recurrence {
    LSTMRecurrence(options, &context, prefix: prefix, reversed: reversed)
  }
}

/// The LSTM's buffers are gate-major, so that all products are products of whole panels: z and the masked copies of x and
/// h are [gate, T, B, units].
struct LSTMRecurrence: Recurrence {
  let input: Signal
  let time: TimeSteps
  let weights: GateWeights
  let inputMask: DropoutMask?, stateMask: DropoutMask?
  /// The pre-activations z, then the gates' activations, then the gradients with respect to z, [4, T, B, units].
  let gates: UnsafeMutablePointer<Float>
  /// c and tanh c, [T, B, units].
  let cells: UnsafeMutablePointer<Float>, cellTanhs: UnsafeMutablePointer<Float>
  let outputs: UnsafeMutablePointer<Float>
  /// x ∘ m, [masks, T, B, channels]; nil where x is not masked.
  let maskedInputs: UnsafeMutablePointer<Float>?
  /// h ∘ r, [4, T, B, units]; nil where h is not masked.
  let maskedOutputs: UnsafeMutablePointer<Float>?
  /// The gradients with respect to h and c, carried from one time step to the previous one, [B, units]; nil without a
  /// backward pass.
  let carried: (output: UnsafeMutablePointer<Float>, cell: UnsafeMutablePointer<Float>)?

  init(_ options: RecurrentOptions, _ context: inout LayerContext, prefix: String, reversed: Bool) {
    let (workspace, stride) = (context.workspace, padded(options.units))
    input = context.input
    time = TimeSteps(count: input.positions, block: input.samples * stride, reversed: reversed)
    weights = GateWeights(options, gates: LSTM.gates, prefix: prefix, context)
    let masks = options.recurrentDropout > 0 ? LSTM.gates : 1
    inputMask = context.mask(
      prefix + "input", rate: options.dropout, positions: masks, channels: input.channels, stride: input.stride)
    stateMask = context.mask(
      prefix + "state", rate: options.recurrentDropout, positions: masks, channels: options.units, stride: stride)
    gates = workspace.take(LSTM.gates * time.size)
    cells = workspace.take(time.size)
    cellTanhs = workspace.take(time.size)
    outputs = workspace.take(time.size)
    let (input, time) = (input, time)
    maskedInputs = inputMask.map { workspace.take($0.positions * input.count) }
    maskedOutputs = stateMask.map { workspace.take($0.positions * time.size) }
    carried = context.trains ? (workspace.take(time.block), workspace.take(time.block)) : nil
  }

  /// The input of a gate's products: the gate's masked copy of x, the shared masked copy, or x itself.
  func input(_ gate: Int) -> UnsafePointer<Float> {
    guard let maskedInputs, let inputMask else { return UnsafePointer(input.values) }
    return UnsafePointer(maskedInputs + (inputMask.positions == 1 ? 0 : gate * input.count))
  }

  /// The input of a gate's recurrent products: its masked copy of h, or h itself.
  func state(_ gate: Int) -> UnsafePointer<Float> {
    UnsafePointer(maskedOutputs.map { $0 + gate * time.size } ?? outputs)
  }

  func pack(_ parameters: UnsafePointer<Float>) { weights.pack(parameters) }

  func forward() {
    if let maskedInputs, let inputMask {
      for mask in 0..<inputMask.positions {
        multiplyByMask(
          input.values, inputMask.values + mask * input.block, into: maskedInputs + mask * input.count,
          count: input.count, maskCount: input.block)
      }
    }
    for gate in 0..<LSTM.gates {
      multiply(
        weights.kernel[gate].product(count: input.rows, rowStride: input.stride, cStride: weights.stride),
        input(gate), weights.kernel[gate].values, bias: weights.bias(gate), into: gates + gate * time.size)
    }
    for step in 0..<time.count {
      if step > 0 { addRecurrentProducts(step) }
      let at = time.offset(step)
      lstmCellForward(cellBuffers(step), output: outputs + at, count: time.block)
      if let maskedOutputs, let stateMask, step + 1 < time.count {
        for gate in 0..<LSTM.gates {
          multiplyElements(
            outputs + at, stateMask.values + gate * time.block, into: maskedOutputs + (gate * time.size + at),
            count: time.block)
        }
      }
    }
  }

  /// z[t] += (h[t-1] ∘ r) recurrent_kernel.
  private func addRecurrentProducts(_ step: Int) {
    for gate in 0..<LSTM.gates {
      let kernel = weights.recurrentKernel[gate]
      multiplyAccumulating(
        kernel.product(count: input.samples, rowStride: weights.stride, cStride: weights.stride),
        state(gate) + time.offset(step - 1), kernel.values, into: gates + (gate * time.size + time.offset(step)))
    }
  }

  func cellBuffers(_ step: Int) -> LSTMCellBuffers {
    let at = time.offset(step)
    return LSTMCellBuffers(
      gates: gates + at, gateStride: time.size,
      previousCell: step == 0 ? nil : UnsafePointer(cells + time.offset(step - 1)), cell: cells + at,
      cellTanh: cellTanhs + at)
  }
}
