import Kernels

/// A recurrent layer by itself: its recurrence's states, or the last of them, are the output where they stand; only the
/// sequence of a recurrence that runs backwards is copied, since Keras returns it in the order of its steps.
struct RecurrentOperation: LayerOperation {
  private let recurrence: any Recurrence
  private let returnsSequences: Bool
  /// The output with the last position first; nil where it stands in order.
  private let turned: Signal?
  private let output: Signal
  private let sequenceGradient: UnsafeMutablePointer<Float>?

  init(_ options: RecurrentOptions, _ recurrence: any Recurrence, _ context: inout LayerContext) {
    self.recurrence = recurrence
    returnsSequences = options.returnSequences
    let steps = context.input.positions
    if options.returnSequences, options.goBackwards {
      let turned = context.makeOutput([steps, options.units])
      self.turned = turned
      output = turned
      sequenceGradient = turned.gradient.map { _ in context.workspace.take(turned.count) }
      return
    }
    turned = nil
    sequenceGradient = nil
    let last = options.goBackwards ? 0 : steps - 1
    let block = context.samples * padded(options.units)
    output = context.setOutput(
      options.returnSequences ? [steps, options.units] : [options.units],
      values: recurrence.outputs + (options.returnSequences ? 0 : last * block))
  }

  func pack(_ parameters: UnsafePointer<Float>) { recurrence.pack(parameters) }

  func forward() {
    recurrence.forward()
    if let turned { turn(recurrence.outputs, into: turned.values, turned) }
  }

  func backward(into gradient: UnsafeMutablePointer<Float>) {
    guard returnsSequences else {
      return recurrence.backward(
        outputGradients: nil, lastOutputGradient: output.requiredGradient, into: gradient, accumulates: false)
    }
    if let turned, let sequenceGradient { turn(turned.requiredGradient, into: sequenceGradient, turned) }
    recurrence.backward(
      outputGradients: sequenceGradient ?? output.requiredGradient, lastOutputGradient: nil, into: gradient,
      accumulates: false)
  }
}

/// Copies the positions of a sequence in reverse order.
private func turn(_ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, _ signal: Signal) {
  for position in 0..<signal.positions {
    (target + position * signal.block).update(
      from: source + (signal.positions - 1 - position) * signal.block, count: signal.block)
  }
}
