import Kernels

extension LSTMLayer {
  /// Backpropagation through time. Leaves the gradients with respect to z in `gates`.
  ///
  /// - Parameters:
  ///   - outputGradients: the gradient with respect to every h, [T, B, F]; nil if only the last output is used.
  ///   - lastOutputGradient: the gradient with respect to the last h, [B, F]; nil if `outputGradients` is given.
  ///   - stateMasks: as in `forward`.
  func backwardThroughTime(
    outputGradients: UnsafePointer<Float>?, lastOutputGradient: UnsafePointer<Float>?, _ weights: PackedLSTMWeights,
    stateMasks: UnsafePointer<Float>?
  ) {
    guard let carried else { preconditionFailure("a layer planned for inference has no backward pass") }
    let last = NetworkDefinition.timeSteps - 1
    carried.cell.update(repeating: 0, count: timeStepSize)
    if let first = lastOutputGradient ?? outputGradients.map({ $0 + last * timeStepSize }) {
      carried.output.update(from: first, count: timeStepSize)
    }
    for t in stride(from: last, through: 0, by: -1) {
      lstmCellBackward(
        cellBuffers(t), outputGradient: carried.output, cellGradient: carried.cell, count: timeStepSize)
      guard t > 0 else { break }
      if let outputGradients {
        carried.output.update(from: outputGradients + (t - 1) * timeStepSize, count: timeStepSize)
      } else {
        carried.output.update(repeating: 0, count: timeStepSize)
      }
      addStateGradient(t, weights, stateMasks, to: carried.output)
    }
  }

  /// dh[t-1] += Σ_g (dz_g[t] recurrent_kernel_gᵀ) ∘ r_g.
  private func addStateGradient(
    _ t: Int, _ weights: PackedLSTMWeights, _ masks: UnsafePointer<Float>?, to sum: UnsafeMutablePointer<Float>
  ) {
    let narrow = shape(rows: samples, depth: NetworkDefinition.features)
    for gate in 0..<NetworkDefinition.gates {
      let dz = gates + (gate * sequenceSize + t * timeStepSize)
      let kernel = weights.recurrentKernelTransposed(gate)
      if let masks {
        multiplyMaskedAccumulating(narrow, dz, kernel, mask: masks + gate * timeStepSize, into: sum)
      } else {
        multiplyAccumulating(narrow, dz, kernel, into: sum)
      }
    }
  }

  /// The gradients with respect to the weights, from those in `gates`: sums over time steps and samples, in order.
  func weightGradients(_ x: UnsafePointer<Float>, into gradient: LSTMGradient) {
    let features = NetworkDefinition.features
    let rows = NetworkDefinition.timeSteps * samples
    func shape(depth: Int) -> ProductShape {
      ProductShape(
        rows: features, depth: depth, rowStride: 1, depthStride: features, cStride: NetworkDefinition.gates * features)
    }
    for gate in 0..<NetworkDefinition.gates {
      let dz = gates + gate * sequenceSize
      multiply(shape(depth: rows), input(gate, x), dz, into: gradient.kernel + gate * features)
      // h before the first time step is zero, so the recurrent sums start at the second.
      multiply(
        shape(depth: rows - samples), state(gate), dz + timeStepSize, into: gradient.recurrentKernel + gate * features)
      sumRows(dz, count: rows, into: gradient.bias + gate * features)
    }
  }

  /// The gradient with respect to x, [T, B, F]: Σ_g (dz_g kernel_gᵀ) ∘ m_g.
  func inputGradient(
    _ weights: PackedLSTMWeights, inputMasks: UnsafePointer<Float>?, into gradient: UnsafeMutablePointer<Float>
  ) {
    let wide = shape(rows: NetworkDefinition.timeSteps * samples, depth: NetworkDefinition.features)
    let perGate = copies > 1 && inputMasks != nil
    gradient.update(repeating: 0, count: sequenceSize)
    for gate in 0..<NetworkDefinition.gates {
      let dz = gates + gate * sequenceSize
      let kernel = weights.kernelTransposed(gate)
      if perGate, let inputMasks {
        multiplyMaskedAccumulating(wide, dz, kernel, mask: inputMasks + gate * timeStepSize, into: gradient)
      } else {
        multiplyAccumulating(wide, dz, kernel, into: gradient)
      }
    }
    if let inputMasks, !perGate {
      multiplyByMask(gradient, inputMasks, into: gradient, count: sequenceSize, maskCount: timeStepSize)
    }
  }
}

/// An LSTM layer's part of a flat gradient buffer in Keras' layout.
struct LSTMGradient {
  let kernel: UnsafeMutablePointer<Float>
  let recurrentKernel: UnsafeMutablePointer<Float>
  let bias: UnsafeMutablePointer<Float>

  init(_ gradient: UnsafeMutablePointer<Float>, _ offsets: LSTMOffsets) {
    kernel = gradient + offsets.kernel
    recurrentKernel = gradient + offsets.recurrentKernel
    bias = gradient + offsets.bias
  }
}
