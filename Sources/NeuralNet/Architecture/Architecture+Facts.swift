extension Architecture {
  /// The multiply-accumulates of the matrix products for one training sample: forward, and backward for what is needed of
  /// it. No gradient with respect to the input of the first layer with weights is needed, but those with respect to its states.
  public var multiplyAccumulatesPerSample: Int {
    var isFirst = true
    return stages.reduce(0) { sum, stage in
      let forward = stage.layer.multiplyAccumulates(stage.input)
      let ofInput = isFirst ? stage.layer.multiplyAccumulatesThroughTime(stage.input) : forward
      if !stage.layer.weights(stage.input).isEmpty { isFirst = false }
      return sum + 2 * forward + ofInput
    }
  }

  /// The multiply-accumulates of the matrix products for one sample in inference.
  public var inferenceMultiplyAccumulatesPerSample: Int {
    stages.reduce(0) { $0 + $1.layer.multiplyAccumulates($1.input) }
  }

  /// Whether the first layer scales the pixels itself, so that it takes them as bytes; layers that only move or drop them may
  /// come before it.
  public var rescalesPixels: Bool {
    let first = stages.first { !($0.layer is Reshape || $0.layer is Flatten || $0.layer is Dropout) }
    return first?.layer is Rescaling
  }

  /// The layers up to the logits: the softmax at the end, if there is one, belongs to the loss.
  package var logitStages: [Stage] {
    let last = stages[stages.count - 1]
    guard let logits = last.layer.logits else { return stages }
    return stages.dropLast() + logits.map { Stage(name: last.name, layer: $0, input: last.input, output: last.output) }
  }

  /// The network for Sign Language MNIST, with the semantics of Keras 3: 77,273 parameters.
  ///
  /// - Parameters:
  ///   - dropout: the rate of the dropout layers and of the LSTM layers' inputs.
  ///   - recurrentDropout: that of the first LSTM layer's state.
  public static func signLanguageMNIST(dropout: Double = 0.3, recurrentDropout: Double = 0.2) -> Architecture {
    do throws(ArchitectureError) {
      return try Architecture(input: [28, 28]) {
        Conv1D(64, kernelSize: 3, padding: .same, activation: .relu)
        MaxPooling1D(2)
        Dropout(dropout)
        LSTM(64, returnSequences: true, dropout: dropout, recurrentDropout: recurrentDropout)
        LSTM(64, dropout: dropout)
        Dense(64, activation: .relu)
        Dropout(dropout)
        Dense(25, activation: .softmax)
      }
    } catch { preconditionFailure("\(error)") }
  }
}
