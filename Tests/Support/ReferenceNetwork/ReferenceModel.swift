import Glibc

/// The network in plain double precision, one sample at a time: what it computes, written down as the equations are.
///
///     image [28][28] -> convolution, relu [28][64] -> max pooling [14][64] -> dropout
///       -> LSTM, all outputs [14][64] -> LSTM, last output [64] -> dense, relu [64] -> dropout -> dense, softmax [25]
public struct ReferenceModel {
  var convolution: DenseLayer
  var lstm: LSTMLayer
  var lstm1: LSTMLayer
  var dense: DenseLayer
  var dense1: DenseLayer

  /// From tensors under Keras' names, flat with the last index running fastest; all twelve must be there.
  public init(_ tensors: [String: [Double]]) {
    func layer(_ name: String, columns: Int) -> DenseLayer {
      DenseLayer(kernel: Matrix(tensors["\(name)/kernel"]!, columns: columns), bias: tensors["\(name)/bias"]!)
    }
    func lstmLayer(_ name: String) -> LSTMLayer {
      LSTMLayer(
        kernel: tensors["\(name)/kernel"]!, recurrentKernel: tensors["\(name)/recurrent_kernel"]!,
        bias: tensors["\(name)/bias"]!)
    }
    convolution = layer("conv1d", columns: 64)
    lstm = lstmLayer("lstm")
    lstm1 = lstmLayer("lstm_1")
    dense = layer("dense", columns: 64)
    dense1 = layer("dense_1", columns: 25)
  }

  /// The tensors under Keras' names.
  public var tensors: [String: [Double]] {
    [
      "conv1d/kernel": convolution.kernel.values, "conv1d/bias": convolution.bias,
      "lstm/kernel": lstm.tensors.kernel, "lstm/recurrent_kernel": lstm.tensors.recurrentKernel,
      "lstm/bias": lstm.tensors.bias,
      "lstm_1/kernel": lstm1.tensors.kernel, "lstm_1/recurrent_kernel": lstm1.tensors.recurrentKernel,
      "lstm_1/bias": lstm1.tensors.bias,
      "dense/kernel": dense.kernel.values, "dense/bias": dense.bias,
      "dense_1/kernel": dense1.kernel.values, "dense_1/bias": dense1.bias,
    ]
  }

  /// A model of zeros: where gradients are added up.
  var zeros: ReferenceModel {
    var model = self
    model.convolution = convolution.zeros
    model.lstm = lstm.zeros
    model.lstm1 = lstm1.zeros
    model.dense = dense.zeros
    model.dense1 = dense1.zeros
    return model
  }

  /// What the forward pass of one sample computes on its way.
  public struct Activations {
    /// [28][28]: pixel / 255.
    public var image: [[Double]]
    /// [28][64]: the convolution's sums, before its relu.
    public var convolutionSums: [[Double]]
    /// [28][64]: after the convolution's relu.
    public var convolved: [[Double]]
    /// [14][64]: after the pooling and its dropout.
    public var pooled: [[Double]]
    var lstm: [LSTMLayer.Step]
    var lstm1: [LSTMLayer.Step]
    /// [64]: the dense layer's sums, before its relu.
    public var hiddenSums: [Double]
    /// [64]: after the dense layer's relu, before its dropout.
    public var hidden: [Double]
    /// [25].
    public var probabilities: [Double]

    /// [14][64]: the outputs of the first LSTM.
    public var lstmOutputs: [[Double]] { lstm.map(\.h) }
    /// [64]: the last output of the second LSTM.
    public var lstm1Output: [Double] { lstm1.last!.h }

    /// The cross-entropy -log p(label); or, smoothed by a, against 1 - a of the label and a / 25 of every class.
    public func loss(label: UInt8, smoothing a: Double = 0) -> Double {
      let spread = probabilities.reduce(0) { $0 + log($1) } / Double(probabilities.count)
      return -(1 - a) * log(probabilities[Int(label)]) - (a == 0 ? 0 : a * spread)
    }
  }

  /// The forward pass of one sample: 784 pixels, row by row.
  public func forward(pixels: some Collection<UInt8>, masks: SampleMasks = .ones) -> Activations {
    let flat = pixels.map { Double($0) / 255 }
    let image = (0..<28).map { Array(flat[$0 * 28..<($0 + 1) * 28]) }
    let sums = (0..<28).map { convolution.forward(Convolution.window(image, at: $0)) }
    let convolved = sums.map(Relu.forward)
    let pooled = MaxPooling.forward(convolved).enumerated().map { $1 * masks.pooling[$0] }
    let steps = lstm.forward(pooled, masks: masks.lstm)
    let steps1 = lstm1.forward(steps.map(\.h), masks: masks.lstm1)
    let hiddenSums = dense.forward(steps1.last!.h)
    let hidden = Relu.forward(hiddenSums)
    let probabilities = softmax(dense1.forward(hidden * masks.dense))
    return Activations(
      image: image, convolutionSums: sums, convolved: convolved, pooled: pooled, lstm: steps, lstm1: steps1,
      hiddenSums: hiddenSums, hidden: hidden, probabilities: probabilities)
  }

  /// Adds the gradient of the loss of one sample to `gradient`.
  func backward(_ a: Activations, label: UInt8, masks: SampleMasks, into gradient: inout ReferenceModel) {
    var dLogits = a.probabilities
    dLogits[Int(label)] -= 1
    let dDropped = dense1.backward(a.hidden * masks.dense, outputGradient: dLogits, into: &gradient.dense1)
    let dHidden = Relu.backward(output: a.hidden, outputGradient: dDropped * masks.dense)
    let dLast = dense.backward(a.lstm1Output, outputGradient: dHidden, into: &gradient.dense)

    var dSteps1 = [[Double]](repeating: [Double](repeating: 0, count: 64), count: a.lstm1.count)
    dSteps1[dSteps1.count - 1] = dLast
    let dSteps = lstm1.backward(a.lstm1, masks: masks.lstm1, outputGradients: dSteps1, into: &gradient.lstm1)
    let dPooled = lstm.backward(a.lstm, masks: masks.lstm, outputGradients: dSteps, into: &gradient.lstm)

    let dPooling = dPooled.enumerated().map { $1 * masks.pooling[$0] }
    for (t, dConvolved) in MaxPooling.backward(a.convolved, outputGradient: dPooling).enumerated() {
      let dz = Relu.backward(output: a.convolved[t], outputGradient: dConvolved)
      _ = convolution.backward(Convolution.window(a.image, at: t), outputGradient: dz, into: &gradient.convolution)
    }
  }

  /// What a batch comes to: each sample on its own, gradients as the SUM over the samples.
  public struct Evaluation {
    /// [count][25].
    public var probabilities: [[Double]] = []
    /// [count]: the cross-entropy of each sample.
    public var losses: [Double] = []
    /// The gradient of the SUM of the losses, by tensor name.
    public var gradients: [String: [Double]] = [:]
  }

  /// Forward and backward over the samples of a batch: `pixels` [count, 28, 28]; without `masks` (one per sample) there is
  /// no dropout.
  public func evaluate(pixels: [UInt8], labels: [UInt8], masks: [SampleMasks]? = nil) -> Evaluation {
    precondition(pixels.count == 784 * labels.count && (masks ?? []).count == (masks == nil ? 0 : labels.count))
    var evaluation = Evaluation()
    var gradient = zeros
    for (n, label) in labels.enumerated() {
      let masks = masks?[n] ?? .ones
      let activations = forward(pixels: pixels[n * 784..<(n + 1) * 784], masks: masks)
      evaluation.probabilities.append(activations.probabilities)
      evaluation.losses.append(activations.loss(label: label))
      backward(activations, label: label, masks: masks, into: &gradient)
    }
    evaluation.gradients = gradient.tensors
    return evaluation
  }
}

/// e^(x_i) / sum over j of e^(x_j), after subtracting the maximum.
func softmax(_ x: [Double]) -> [Double] {
  let maximum = x.max()!
  let powers = x.map { exp($0 - maximum) }
  let sum = powers.reduce(0, +)
  return powers.map { $0 / sum }
}
