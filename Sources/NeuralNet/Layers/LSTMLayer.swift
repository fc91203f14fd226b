import Kernels

/// LSTM(64), as Keras defines it, over T time steps of B samples.
///
///     z_g[t] = bias_g + (x[t] ∘ m_g) kernel_g + (h[t-1] ∘ r_g) recurrent_kernel_g          g in i f c o
///     i, f, o = σ(z)   ĉ = tanh(z_c)   c[t] = f ∘ c[t-1] + i ∘ ĉ   h[t] = o ∘ tanh c[t]
///
/// Masks m and r are drawn once per sample and held over the time steps. A layer with recurrent dropout has one of each for
/// every gate; a layer without has at most one m for all gates, and no r (Keras' rnn/lstm.py and dropout_rnn_cell.py).
///
/// Everything lies gate by gate in panels of 64 columns, so that all products are panel products: z and the masked copies
/// of x and h are [gate, T, B, F].
struct LSTMLayer {
  let samples: Int
  /// Copies of x and of h that the products read: 4 with one mask per gate, 1 else.
  let copies: Int
  /// The sums z, then the gates' values, then their gradients, [4, T, B, F].
  let gates: UnsafeMutablePointer<Float>
  /// c and tanh c, [T, B, F].
  let cells: UnsafeMutablePointer<Float>, cellTanhs: UnsafeMutablePointer<Float>
  /// h, [T, B, F]: the layer's output.
  let outputs: UnsafeMutablePointer<Float>
  /// x ∘ m, [copies, T, B, F]; nil where x is not masked.
  let maskedInputs: UnsafeMutablePointer<Float>?
  /// h ∘ r, [4, T, B, F]; nil where h is not masked.
  let maskedOutputs: UnsafeMutablePointer<Float>?
  /// The gradients by h and by c that travel back through time, [B, F]; nil without backward.
  let carried: (output: UnsafeMutablePointer<Float>, cell: UnsafeMutablePointer<Float>)?

  /// The numbers of one time step, and of a whole sequence.
  var stepCount: Int { samples * NetworkDefinition.features }
  var sequenceCount: Int { NetworkDefinition.steps * stepCount }

  init(samples: Int, masksInput: Bool, masksState: Bool, trains: Bool, workspace: Workspace) {
    self.samples = samples
    copies = masksState ? NetworkDefinition.gates : 1
    let step = samples * NetworkDefinition.features
    let sequence = NetworkDefinition.steps * step
    gates = workspace.take(NetworkDefinition.gates * sequence)
    cells = workspace.take(sequence)
    cellTanhs = workspace.take(sequence)
    outputs = workspace.take(sequence)
    maskedInputs = masksInput ? workspace.take(copies * sequence) : nil
    maskedOutputs = masksState ? workspace.take(copies * sequence) : nil
    carried = trains ? (workspace.take(step), workspace.take(step)) : nil
  }

  /// The last time step's output, [B, F].
  var lastOutput: UnsafeMutablePointer<Float> { outputs + (NetworkDefinition.steps - 1) * stepCount }

  /// What gate `gate`'s products read of x: its masked copy, the one masked copy, or x itself.
  func input(_ gate: Int, _ x: UnsafePointer<Float>) -> UnsafePointer<Float> {
    guard let maskedInputs else { return x }
    return UnsafePointer(maskedInputs + (copies == 1 ? 0 : gate * sequenceCount))
  }

  /// What gate `gate`'s recurrent products read: its masked copy of h, or h itself.
  func state(_ gate: Int) -> UnsafePointer<Float> {
    UnsafePointer(maskedOutputs.map { $0 + gate * sequenceCount } ?? outputs)
  }

  func shape(rows: Int, depth: Int) -> ProductShape {
    ProductShape(rows: rows, depth: depth, rowStride: NetworkDefinition.features, depthStride: 1)
  }

  /// Runs over the sequence x, [T, B, F].
  ///
  /// - Parameters:
  ///   - inputMasks: m, [copies, B, F]; as planned.
  ///   - stateMasks: r, [4, B, F]; as planned.
  func forward(
    _ x: UnsafePointer<Float>, _ weights: PackedLSTMWeights, inputMasks: UnsafePointer<Float>?,
    stateMasks: UnsafePointer<Float>?
  ) {
    if let maskedInputs, let inputMasks {
      for copy in 0..<copies {
        multiplyByMask(
          x, inputMasks + copy * stepCount, into: maskedInputs + copy * sequenceCount, count: sequenceCount,
          maskCount: stepCount)
      }
    }
    let wide = shape(rows: NetworkDefinition.steps * samples, depth: NetworkDefinition.features)
    for gate in 0..<NetworkDefinition.gates {
      multiply(
        wide, input(gate, x), weights.kernel(gate), bias: weights.bias(gate), into: gates + gate * sequenceCount)
    }
    for step in 0..<NetworkDefinition.steps {
      if step > 0 { addRecurrentSums(step, weights) }
      let at = step * stepCount
      lstmCellForward(cellBuffers(step), output: outputs + at, count: stepCount)
      if let maskedOutputs, let stateMasks, step + 1 < NetworkDefinition.steps {
        for gate in 0..<NetworkDefinition.gates {
          multiplyElements(
            outputs + at, stateMasks + gate * stepCount, into: maskedOutputs + (gate * sequenceCount + at),
            count: stepCount)
        }
      }
    }
  }

  /// z[t] += h[t-1] recurrent_kernel.
  private func addRecurrentSums(_ step: Int, _ weights: PackedLSTMWeights) {
    let narrow = shape(rows: samples, depth: NetworkDefinition.features)
    for gate in 0..<NetworkDefinition.gates {
      multiplyAccumulating(
        narrow, state(gate) + (step - 1) * stepCount, weights.recurrentKernel(gate),
        into: gates + (gate * sequenceCount + step * stepCount))
    }
  }

  func cellBuffers(_ step: Int) -> LSTMCellBuffers {
    let at = step * stepCount
    return LSTMCellBuffers(
      gates: gates + at, gateStride: sequenceCount,
      previousCell: step == 0 ? nil : UnsafePointer(cells + (at - stepCount)), cell: cells + at,
      cellTanh: cellTanhs + at)
  }
}
