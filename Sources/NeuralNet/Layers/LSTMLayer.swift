import Kernels

/// LSTM(64), as Keras defines it, over T time steps of B samples.
///
///     z_g[t] = bias_g + (x[t] ∘ m_g) kernel_g + (h[t-1] ∘ r_g) recurrent_kernel_g          g in i f c o
///     i, f, o = σ(z)   ĉ = tanh(z_c)   c[t] = f ∘ c[t-1] + i ∘ ĉ   h[t] = o ∘ tanh c[t]
///
/// The dropout masks m and r are drawn once per sample and shared by all time steps. A layer with recurrent dropout has
/// an m and an r per gate; a layer without has at most one m for all gates, and no r (Keras' rnn/lstm.py and
/// dropout_rnn_cell.py).
///
/// All buffers are gate-major, in panels of 64 columns, so that all products are panel products: z and the masked copies
/// of x and h are [gate, T, B, F].
struct LSTMLayer {
  let samples: Int
  /// The number of masked copies of x that the products read: 4 with a mask per gate, else 1.
  let copies: Int
  /// The pre-activations z, then the gates' activations, then the gradients with respect to z, [4, T, B, F].
  let gates: UnsafeMutablePointer<Float>
  /// c and tanh c, [T, B, F].
  let cells: UnsafeMutablePointer<Float>, cellTanhs: UnsafeMutablePointer<Float>
  /// h, [T, B, F]: the layer's output.
  let outputs: UnsafeMutablePointer<Float>
  /// x ∘ m, [copies, T, B, F]; nil where x is not masked.
  let maskedInputs: UnsafeMutablePointer<Float>?
  /// h ∘ r, [4, T, B, F]; nil where h is not masked.
  let maskedOutputs: UnsafeMutablePointer<Float>?
  /// The gradients with respect to h and c, carried from one time step to the previous one, [B, F]; nil without a
  /// backward pass.
  let carried: (output: UnsafeMutablePointer<Float>, cell: UnsafeMutablePointer<Float>)?

  /// The number of elements of one time step, and of a whole sequence.
  var timeStepSize: Int { samples * NetworkDefinition.features }
  var sequenceSize: Int { NetworkDefinition.timeSteps * timeStepSize }

  init(samples: Int, masksInput: Bool, masksState: Bool, trains: Bool, workspace: Workspace) {
    self.samples = samples
    copies = masksState ? NetworkDefinition.gates : 1
    let timeStep = samples * NetworkDefinition.features
    let sequence = NetworkDefinition.timeSteps * timeStep
    gates = workspace.take(NetworkDefinition.gates * sequence)
    cells = workspace.take(sequence)
    cellTanhs = workspace.take(sequence)
    outputs = workspace.take(sequence)
    maskedInputs = masksInput ? workspace.take(copies * sequence) : nil
    maskedOutputs = masksState ? workspace.take(copies * sequence) : nil
    carried = trains ? (workspace.take(timeStep), workspace.take(timeStep)) : nil
  }

  /// The last time step's output, [B, F].
  var lastOutput: UnsafeMutablePointer<Float> { outputs + (NetworkDefinition.timeSteps - 1) * timeStepSize }

  /// The input of a gate's products: the gate's masked copy of x, the shared masked copy, or x itself.
  func input(_ gate: Int, _ x: UnsafePointer<Float>) -> UnsafePointer<Float> {
    guard let maskedInputs else { return x }
    return UnsafePointer(maskedInputs + (copies == 1 ? 0 : gate * sequenceSize))
  }

  /// The input of a gate's recurrent products: its masked copy of h, or h itself.
  func state(_ gate: Int) -> UnsafePointer<Float> {
    UnsafePointer(maskedOutputs.map { $0 + gate * sequenceSize } ?? outputs)
  }

  func shape(rows: Int, depth: Int) -> ProductShape {
    ProductShape(rows: rows, depth: depth, rowStride: NetworkDefinition.features, depthStride: 1)
  }

  /// The forward pass over the sequence x, [T, B, F].
  ///
  /// - Parameters:
  ///   - inputMasks: m, [copies, B, F]; nil for a layer made without them.
  ///   - stateMasks: r, [4, B, F]; nil for a layer made without them.
  func forward(
    _ x: UnsafePointer<Float>, _ weights: PackedLSTMWeights, inputMasks: UnsafePointer<Float>?,
    stateMasks: UnsafePointer<Float>?
  ) {
    if let maskedInputs, let inputMasks {
      for copy in 0..<copies {
        multiplyByMask(
          x, inputMasks + copy * timeStepSize, into: maskedInputs + copy * sequenceSize, count: sequenceSize,
          maskCount: timeStepSize)
      }
    }
    let wide = shape(rows: NetworkDefinition.timeSteps * samples, depth: NetworkDefinition.features)
    for gate in 0..<NetworkDefinition.gates {
      multiply(
        wide, input(gate, x), weights.kernel(gate), bias: weights.bias(gate), into: gates + gate * sequenceSize)
    }
    for t in 0..<NetworkDefinition.timeSteps {
      if t > 0 { addRecurrentProducts(t, weights) }
      let at = t * timeStepSize
      lstmCellForward(cellBuffers(t), output: outputs + at, count: timeStepSize)
      if let maskedOutputs, let stateMasks, t + 1 < NetworkDefinition.timeSteps {
        for gate in 0..<NetworkDefinition.gates {
          multiplyElements(
            outputs + at, stateMasks + gate * timeStepSize, into: maskedOutputs + (gate * sequenceSize + at),
            count: timeStepSize)
        }
      }
    }
  }

  /// z[t] += (h[t-1] ∘ r) recurrent_kernel.
  private func addRecurrentProducts(_ t: Int, _ weights: PackedLSTMWeights) {
    let narrow = shape(rows: samples, depth: NetworkDefinition.features)
    for gate in 0..<NetworkDefinition.gates {
      multiplyAccumulating(
        narrow, state(gate) + (t - 1) * timeStepSize, weights.recurrentKernel(gate),
        into: gates + (gate * sequenceSize + t * timeStepSize))
    }
  }

  func cellBuffers(_ t: Int) -> LSTMCellBuffers {
    let at = t * timeStepSize
    return LSTMCellBuffers(
      gates: gates + at, gateStride: sequenceSize,
      previousCell: t == 0 ? nil : UnsafePointer(cells + (at - timeStepSize)), cell: cells + at,
      cellTanh: cellTanhs + at)
  }
}
