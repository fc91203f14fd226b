// What `Layer` requires of a layer is documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import Kernels

/// Keras' `GRU` (Cho et al., 2014) over time steps, with the reset gate after the product (`reset_after=True`).
///
///     x_g[t] = bias_g + (x[t] ∘ m_g) kernel_g                    g in z r h
///     u_g[t] = recurrent_bias_g + (h[t-1] ∘ r_g) recurrent_kernel_g
///     z = σ(x_z + u_z)   r = σ(x_r + u_r)   ĥ = tanh(x_h + r ∘ u_h)   h[t] = z ∘ h[t-1] + (1 - z) ∘ ĥ
///
/// The bias is [2, 3 units]: that of the input's products, and that of the state's. Dropout masks m and r as in the LSTM
/// (Keras' rnn/gru.py).
public struct GRU: Layer, RecurrentLayer {
  public static let kerasName = "GRU"
  static let gates = 3
  public var options: RecurrentOptions

  /// A GRU with Keras' initializers.
  public init(
    _ units: Int, returnSequences: Bool = false, goBackwards: Bool = false, dropout: Double = 0,
    recurrentDropout: Double = 0, useBias: Bool = true
  ) {
    options = RecurrentOptions(
      units: units, returnSequences: returnSequences, goBackwards: goBackwards, dropout: dropout,
      recurrentDropout: recurrentDropout, useBias: useBias)
  }

  public init(_ configuration: inout LayerConfiguration) throws(ArchitectureError) {
    options = try RecurrentOptions(&configuration)
    try configuration.require(
      "reset_after", .bool(true), because: "Keras' default, the reset gate after the product, is what is computed")
  }

  public var configuration: [String: ConfigurationValue] {
    options.configuration.merging(["reset_after": .bool(true)]) { $1 }
  }

  public func weights(_ input: Shape) -> [Weight] {
    let width = Self.gates * options.units
    return [
      Weight("kernel", [input.channels, width], options.kernelInitializer),
      Weight("recurrent_kernel", [options.units, width], options.recurrentInitializer),
    ] + (options.useBias ? [Weight("bias", [2, width], options.biasInitializer)] : [])
  }

  public func multiplyAccumulates(_ input: Shape) -> Int { options.multiplyAccumulates(input, gates: Self.gates) }

  public func multiplyAccumulatesThroughTime(_ input: Shape) -> Int {
    options.multiplyAccumulatesThroughTime(input, gates: Self.gates)
  }

  public func recurrence(_ context: inout LayerContext, prefix: String, reversed: Bool) -> any Recurrence {
    GRURecurrence(options, &context, prefix: prefix, reversed: reversed)
  }
}

/// The GRU's buffers are gate-major, as the LSTM's are: the blocks x_z + u_z, x_r + u_r, x_h and u_h, [block, T, B, units].
struct GRURecurrence: Recurrence {
  /// The last block, and that of the candidate's input products.
  static let inner = 3, candidate = 2

  let inputs: GateInputs
  let weights: GateWeights
  /// The blocks' sums, then z r ĥ u_h, then the gradients with respect to the sums, [4, T, B, units].
  let gates: UnsafeMutablePointer<Float>
  /// The gradient with respect to h, carried from one time step to the previous one, [B, units]; nil without a backward
  /// pass.
  let carried: UnsafeMutablePointer<Float>?

  var time: TimeSteps { inputs.time }
  var outputs: UnsafeMutablePointer<Float> { inputs.states }

  init(_ options: RecurrentOptions, _ context: inout LayerContext, prefix: String, reversed: Bool) {
    weights = GateWeights(options, gates: GRU.gates, biases: 2 * GRU.gates, prefix: prefix, context)
    inputs = GateInputs(options, gates: GRU.gates, &context, prefix: prefix, reversed: reversed)
    gates = context.workspace.take((GRU.gates + 1) * inputs.time.size)
    carried = context.trains ? context.workspace.take(inputs.time.block) : nil
  }

  /// The block of a gate's recurrent products: its own sum, but for the candidate.
  static func recurrentBlock(_ gate: Int) -> Int { gate == candidate ? inner : gate }

  /// Where a block's numbers of a time step are.
  func place(_ block: Int, _ step: Int) -> UnsafeMutablePointer<Float> {
    gates + (block * time.size + time.offset(step))
  }

  func pack(_ parameters: UnsafePointer<Float>) {
    weights.pack(parameters)
    // The gates' two products are one sum, which begins with both biases.
    for gate in 0..<Self.candidate { weights.addBias(GRU.gates + gate, to: gate) }
  }

  func forward() {
    inputs.keptInputs?.update()
    for gate in 0..<GRU.gates { weights.inputProducts(gate, inputs, into: gates + gate * time.size) }
    for step in 0..<time.count {
      if step > 0 {
        for gate in 0..<Self.candidate { weights.addRecurrentProduct(gate, inputs, step, to: place(gate, step)) }
      }
      weights.recurrentProduct(
        Self.candidate, inputs, step, bias: GRU.gates + Self.candidate, into: place(Self.inner, step))
      gruCellForward(cellBuffers(step), output: outputs + time.offset(step), count: time.block)
      inputs.maskState(step)
    }
  }

  func cellBuffers(_ step: Int) -> GRUCellBuffers {
    GRUCellBuffers(
      gates: place(0, step), gateStride: time.size,
      previousOutput: step == 0 ? nil : UnsafePointer(outputs + time.offset(step - 1)))
  }
}
