import Kernels

extension LSTMRecurrence {
  func backward(
    outputGradients: UnsafePointer<Float>?, lastOutputGradient: UnsafePointer<Float>?,
    into gradient: UnsafeMutablePointer<Float>, accumulates: Bool
  ) {
    inputs.keptStates?.update()
    backwardThroughTime(outputGradients: outputGradients, lastOutputGradient: lastOutputGradient)
    for gate in 0..<LSTM.gates {
      let dz = gates + gate * time.size
      weights.kernelGradient(gate, inputs, dz, into: gradient)
      weights.recurrentGradient(gate, inputs, dz, into: gradient)
      weights.biasGradient(gate, dz, rows: inputs.input.rows, into: gradient)
    }
    guard let dx = inputs.input.gradient else { return }
    inputs.inputGradient(gates, weights.kernelTransposed, stride: weights.stride, into: dx, accumulates: accumulates)
  }

  /// Backpropagation through time. Leaves the gradients with respect to z in `gates`.
  private func backwardThroughTime(
    outputGradients: UnsafePointer<Float>?, lastOutputGradient: UnsafePointer<Float>?
  ) {
    guard let carried else { preconditionFailure("a layer laid out for inference has no backward pass") }
    carried.cell.update(repeating: 0, count: time.block)
    if let first = lastOutputGradient ?? outputGradients.map({ $0 + time.offset(time.count - 1) }) {
      carried.output.update(from: first, count: time.block)
    }
    for step in stride(from: time.count - 1, through: 0, by: -1) {
      lstmCellBackward(
        cellBuffers(step), outputGradient: carried.output, cellGradient: carried.cell, count: time.block)
      guard step > 0 else { break }
      if let outputGradients {
        carried.output.update(from: outputGradients + time.offset(step - 1), count: time.block)
      }
      addStateGradient(step, begins: outputGradients == nil, to: carried.output)
    }
  }

  /// dh[t-1] += Σ_g (dz_g[t] recurrent_kernel_gᵀ) ∘ r_g, or = if it begins with this sum.
  private func addStateGradient(_ step: Int, begins: Bool, to sum: UnsafeMutablePointer<Float>) {
    for gate in 0..<LSTM.gates {
      inputs.addStateGradient(
        gate, gates + (gate * time.size + time.offset(step)), weights.recurrentTransposed[gate],
        stride: weights.stride, begins: begins && gate == 0, to: sum)
    }
  }
}
