import Kernels

extension GRURecurrence {
  func backward(
    outputGradients: UnsafePointer<Float>?, lastOutputGradient: UnsafePointer<Float>?,
    into gradient: UnsafeMutablePointer<Float>, accumulates: Bool
  ) {
    inputs.keptStates?.update()
    backwardThroughTime(outputGradients: outputGradients, lastOutputGradient: lastOutputGradient)
    let rows = inputs.input.rows
    for gate in 0..<GRU.gates {
      let dx = gates + gate * time.size
      let du = gates + Self.recurrentBlock(gate) * time.size
      weights.kernelGradient(gate, inputs, dx, into: gradient)
      weights.recurrentGradient(gate, inputs, du, into: gradient)
      weights.biasGradient(gate, dx, rows: rows, into: gradient)
      weights.biasGradient(GRU.gates + gate, du, rows: rows, into: gradient)
    }
    guard let dx = inputs.input.gradient else { return }
    inputs.inputGradient(gates, weights.kernelTransposed, stride: weights.stride, into: dx, accumulates: accumulates)
  }

  /// Backpropagation through time. Leaves the gradients with respect to x_z, x_r, x_h and u_h in `gates`.
  private func backwardThroughTime(
    outputGradients: UnsafePointer<Float>?, lastOutputGradient: UnsafePointer<Float>?
  ) {
    guard let carried else { preconditionFailure("a layer laid out for inference has no backward pass") }
    if let first = lastOutputGradient ?? outputGradients.map({ $0 + time.offset(time.count - 1) }) {
      carried.update(from: first, count: time.block)
    }
    for step in stride(from: time.count - 1, through: 0, by: -1) {
      gruCellBackward(cellBuffers(step), outputGradient: carried, count: time.block)
      guard step > 0 else { break }
      if let outputGradients { addElements(outputGradients + time.offset(step - 1), to: carried, count: time.block) }
      // dh[t-1] += Σ_g (du_g[t] recurrent_kernel_gᵀ) ∘ r_g.
      for gate in 0..<GRU.gates {
        inputs.addStateGradient(
          gate, place(Self.recurrentBlock(gate), step), weights.recurrentTransposed[gate], stride: weights.stride,
          begins: false, to: carried)
      }
    }
  }
}
