import Kernels

/// An LSTM layer's kernels in the order in which the products read them: a contiguous [64, 64] panel per gate, and its
/// transpose for the backward pass. Packed once per training step.
struct PackedLSTMWeights {
  private static let panel = NetworkDefinition.features * NetworkDefinition.features

  /// The offsets of the layer's tensors in a flat buffer.
  let offsets: LSTMOffsets
  private let panels: UnsafeMutablePointer<Float>
  private let biases: UnsafeMutablePointer<Float>

  init(_ name: String, workspace: Workspace) {
    offsets = LSTMOffsets(name)
    panels = workspace.take(4 * NetworkDefinition.gates * Self.panel)
    biases = workspace.take(NetworkDefinition.gates * NetworkDefinition.features)
  }

  private func panel(_ kind: Int, _ gate: Int) -> UnsafeMutablePointer<Float> {
    panels + (kind * NetworkDefinition.gates + gate) * Self.panel
  }

  func kernel(_ gate: Int) -> UnsafePointer<Float> { UnsafePointer(panel(0, gate)) }
  func recurrentKernel(_ gate: Int) -> UnsafePointer<Float> { UnsafePointer(panel(1, gate)) }
  func kernelTransposed(_ gate: Int) -> UnsafePointer<Float> { UnsafePointer(panel(2, gate)) }
  func recurrentKernelTransposed(_ gate: Int) -> UnsafePointer<Float> { UnsafePointer(panel(3, gate)) }
  func bias(_ gate: Int) -> UnsafePointer<Float> { UnsafePointer(biases + gate * NetworkDefinition.features) }

  /// Packs the layer's weights from a flat buffer; the transposes only if a backward pass will read them.
  func pack(_ parameters: UnsafePointer<Float>, transposes: Bool) {
    let features = NetworkDefinition.features
    let width = NetworkDefinition.gates * features
    for kind in 0..<2 {
      let source = parameters + (kind == 0 ? offsets.kernel : offsets.recurrentKernel)
      for gate in 0..<NetworkDefinition.gates {
        copyBlock(
          source + gate * features, stride: width, into: panel(kind, gate), stride: features, rows: features,
          columns: features)
        guard transposes else { continue }
        transposeBlock(
          source + gate * features, stride: width, into: panel(kind + 2, gate), stride: features, rows: features,
          columns: features)
      }
    }
    biases.update(from: parameters + offsets.bias, count: width)
  }
}

/// A dense layer's kernel and bias, padded to panels of 64 columns, and the kernel's transpose.
struct PackedDenseWeights {
  /// The offsets of the layer's tensors in a flat buffer.
  let offsets: LayerOffsets
  private let outputs: Int
  let kernel: UnsafeMutablePointer<Float>
  let kernelTransposed: UnsafeMutablePointer<Float>
  let bias: UnsafeMutablePointer<Float>

  init(_ name: String, workspace: Workspace) {
    offsets = LayerOffsets(name)
    outputs = NetworkDefinition.layout[name + "/bias"].count
    kernel = workspace.take(NetworkDefinition.features * panelColumns)
    kernelTransposed = workspace.take(panelColumns * NetworkDefinition.features)
    bias = workspace.take(panelColumns)
  }

  func pack(_ parameters: UnsafePointer<Float>) {
    let source = parameters + offsets.kernel
    copyBlock(
      source, stride: outputs, into: kernel, stride: panelColumns, rows: NetworkDefinition.features, columns: outputs)
    transposeBlock(
      source, stride: outputs, into: kernelTransposed, stride: NetworkDefinition.features,
      rows: NetworkDefinition.features, columns: outputs)
    bias.update(from: parameters + offsets.bias, count: outputs)
  }
}
