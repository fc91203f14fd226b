import Kernels

extension LSTMRecurrence {
  func backward(
    outputGradients: UnsafePointer<Float>?, lastOutputGradient: UnsafePointer<Float>?,
    into gradient: UnsafeMutablePointer<Float>, accumulates: Bool
  ) {
    backwardThroughTime(outputGradients: outputGradients, lastOutputGradient: lastOutputGradient)
    for gate in 0..<LSTM.gates {
      let dz = gates + gate * time.size
      weights.kernelGradient(gate, input(gate), stride: input.stride, dz, rows: input.rows, into: gradient)
      // h before the first time step is zero, so the recurrent sums have one step less.
      weights.recurrentGradient(
        gate, state(gate) + time.firstState, dz + time.firstUse, rows: input.rows - input.samples, into: gradient)
      weights.biasGradient(gate, dz, rows: input.rows, into: gradient)
    }
    if let dx = input.gradient { inputGradient(into: dx, accumulates: accumulates) }
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
      } else {
        carried.output.update(repeating: 0, count: time.block)
      }
      addStateGradient(step, to: carried.output)
    }
  }

  /// dh[t-1] += Σ_g (dz_g[t] recurrent_kernel_gᵀ) ∘ r_g.
  private func addStateGradient(_ step: Int, to sum: UnsafeMutablePointer<Float>) {
    for gate in 0..<LSTM.gates {
      let dz = gates + (gate * time.size + time.offset(step))
      let kernel = weights.recurrentTransposed[gate]
      let shape = kernel.product(count: input.samples, rowStride: weights.stride, cStride: weights.stride)
      if let stateMask {
        multiplyMaskedAccumulating(
          shape, dz, kernel.values, mask: stateMask.values + gate * time.block, into: sum)
      } else {
        multiplyAccumulating(shape, dz, kernel.values, into: sum)
      }
    }
  }

  /// The gradient with respect to x, [T, B, channels]: Σ_g (dz_g kernel_gᵀ) ∘ m_g.
  private func inputGradient(into dx: UnsafeMutablePointer<Float>, accumulates: Bool) {
    if !accumulates { dx.update(repeating: 0, count: input.count) }
    // One mask for all gates can be applied to their sum, unless there is another sum in it already.
    let shared = inputMask.flatMap { $0.positions == 1 && !accumulates ? $0 : nil }
    for gate in 0..<LSTM.gates {
      let kernel = weights.kernelTransposed[gate]
      let shape = kernel.product(count: input.rows, rowStride: weights.stride, cStride: input.stride)
      let dz = gates + gate * time.size
      if let inputMask, shared == nil {
        let mask = inputMask.values + (inputMask.positions == 1 ? 0 : gate * input.block)
        multiplyMaskedAccumulating(shape, dz, kernel.values, mask: mask, into: dx)
      } else {
        multiplyAccumulating(shape, dz, kernel.values, into: dx)
      }
    }
    if let shared {
      multiplyByMask(dx, shared.values, into: dx, count: input.count, maskCount: input.block)
    }
  }
}
