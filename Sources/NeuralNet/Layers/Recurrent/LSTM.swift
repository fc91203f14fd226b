// What `Layer` requires of a layer is documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

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
  public var options: RecurrentOptions
  /// Whether the forget gate's bias begins with 1.
  let unitForgetBias: Bool

  /// An LSTM with Keras' initializers.
  public init(
    _ units: Int, returnSequences: Bool = false, goBackwards: Bool = false, dropout: Double = 0,
    recurrentDropout: Double = 0, useBias: Bool = true, unitForgetBias: Bool = true
  ) {
    options = RecurrentOptions(
      units: units, returnSequences: returnSequences, goBackwards: goBackwards, dropout: dropout,
      recurrentDropout: recurrentDropout, useBias: useBias)
    self.unitForgetBias = unitForgetBias
  }

  public init(_ configuration: inout LayerConfiguration) throws(ArchitectureError) {
    options = try RecurrentOptions(&configuration)
    unitForgetBias = try configuration.flag("unit_forget_bias", default: true)
    guard !unitForgetBias || options.biasInitializer == .zeros else {
      throw ArchitectureError(
        layer: configuration.layer,
        "another bias_initializer than Zeros together with unit_forget_bias=True is not supported; set that to False")
    }
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

  public func multiplyAccumulatesThroughTime(_ input: Shape) -> Int {
    options.multiplyAccumulatesThroughTime(input, gates: Self.gates)
  }

  public func recurrence(_ context: inout LayerContext, prefix: String, reversed: Bool) -> any Recurrence {
    LSTMRecurrence(options, &context, prefix: prefix, reversed: reversed)
  }
}

/// The LSTM's buffers are gate-major, so that all products are products of whole panels: z is [gate, T, B, units].
struct LSTMRecurrence: Recurrence {
  let inputs: GateInputs
  let weights: GateWeights
  /// The pre-activations z, then the gates' activations, then the gradients with respect to z, [4, T, B, units].
  let gates: UnsafeMutablePointer<Float>
  /// c and tanh c, [T, B, units].
  let cells: UnsafeMutablePointer<Float>, cellTanhs: UnsafeMutablePointer<Float>
  /// The gradients with respect to h and c, carried from one time step to the previous one, [B, units]; nil without a
  /// backward pass.
  let carried: (output: UnsafeMutablePointer<Float>, cell: UnsafeMutablePointer<Float>)?

  var time: TimeSteps { inputs.time }
  var outputs: UnsafeMutablePointer<Float> { inputs.states }

  init(_ options: RecurrentOptions, _ context: inout LayerContext, prefix: String, reversed: Bool) {
    weights = GateWeights(options, gates: LSTM.gates, prefix: prefix, context)
    inputs = GateInputs(options, gates: LSTM.gates, &context, prefix: prefix, reversed: reversed)
    let (workspace, time) = (context.workspace, inputs.time)
    gates = workspace.take(LSTM.gates * time.size)
    cells = workspace.take(time.size)
    cellTanhs = workspace.take(time.size)
    carried = context.trains ? (workspace.take(time.block), workspace.take(time.block)) : nil
  }

  func pack(_ parameters: UnsafePointer<Float>) { weights.pack(parameters) }

  func forward() {
    inputs.keptInputs?.update()
    for gate in 0..<LSTM.gates { weights.inputProducts(gate, inputs, into: gates + gate * time.size) }
    for step in 0..<time.count {
      if step > 0 { addRecurrentProducts(step) }
      lstmCellForward(cellBuffers(step), output: outputs + time.offset(step), count: time.block)
      inputs.maskState(step)
    }
  }

  /// z[t] += (h[t-1] ∘ r) recurrent_kernel.
  private func addRecurrentProducts(_ step: Int) {
    for gate in 0..<LSTM.gates {
      weights.addRecurrentProduct(gate, inputs, step, to: gates + (gate * time.size + time.offset(step)))
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
