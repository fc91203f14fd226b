import Kernels

/// The network's result for one sample.
public struct SampleResult: Sendable, Equatable {
  /// The cross-entropy loss, in nats.
  public var loss: Float
  /// The most probable class.
  public var prediction: Int32

  /// A result with this loss and prediction.
  public init(loss: Float, prediction: Int32) {
    self.loss = loss
    self.prediction = prediction
  }
}

/// One worker's network: the layers in Keras' order, with all activations allocated before the first training step.
///
/// It computes blocks of `samples` samples; in a shorter block the remaining rows have no effect. The parameters are the
/// caller's: call `pack` after each change of them.
public final class Network {
  /// The number of samples in a full block.
  public let samples: Int
  /// The dropout masks of the block, drawn by `drawMasks` or written by the caller.
  public let masks: DropoutMasks
  /// How `load` turns an image's bytes into the network's input.
  public let preprocessing: Preprocessing

  private let trains: Bool
  private let labelSmoothing: Float
  private let workspace: Workspace
  private let convolution: ConvolutionLayer
  private let lstm: LSTMLayer
  private let lstm1: LSTMLayer
  private let dense: DenseLayer
  private let dense1: DenseLayer
  private let lstmWeights: PackedLSTMWeights
  private let lstm1Weights: PackedLSTMWeights
  private let denseWeights: PackedDenseWeights
  private let dense1Weights: PackedDenseWeights
  private let sequenceGradient: UnsafeMutablePointer<Float>
  private let rowGradient: UnsafeMutablePointer<Float>
  private let lastOutputGradient: UnsafeMutablePointer<Float>
  private let convolutionParameters: UnsafeMutablePointer<Float>
  private let convolutionCount = NetworkDefinition.layout["lstm/kernel"].offset
  private let convolutionOffsets = LayerOffsets("conv1d")

  /// A network for training on micro-batches of 8 samples with these dropout rates.
  ///
  /// - Parameter labelSmoothing: the label smoothing factor, 0 for none.
  public convenience init(
    training rates: DropoutRates, preprocessing: Preprocessing = .unit, labelSmoothing: Float = 0
  ) {
    self.init(
      samples: MicroBatch.size, rates: rates, preprocessing: preprocessing, labelSmoothing: labelSmoothing,
      trains: true)
  }

  /// A network for inference on blocks of `samples` samples (a multiple of 4), without dropout.
  public convenience init(inferenceSamples samples: Int, preprocessing: Preprocessing = .unit) {
    self.init(samples: samples, rates: .none, preprocessing: preprocessing, labelSmoothing: 0, trains: false)
  }

  private init(
    samples: Int, rates: DropoutRates, preprocessing: Preprocessing, labelSmoothing: Float, trains: Bool
  ) {
    let sequence = NetworkDefinition.timeSteps * samples * NetworkDefinition.features
    let layout = NetworkDefinition.layout
    let workspace = Workspace(capacity: 36 * sequence + 4 * layout.paddedCount)
    self.samples = samples
    self.preprocessing = preprocessing
    self.trains = trains
    self.labelSmoothing = labelSmoothing
    self.workspace = workspace
    masks = DropoutMasks(rates: rates, workspace: workspace)
    convolution = ConvolutionLayer(samples: samples, trains: trains, workspace: workspace)
    lstm = LSTMLayer(
      samples: samples, masksInput: rates.firstInput > 0, masksState: rates.firstRecurrent > 0, trains: trains,
      workspace: workspace)
    lstm1 = LSTMLayer(
      samples: samples, masksInput: rates.secondInput > 0, masksState: false, trains: trains, workspace: workspace)
    dense = DenseLayer(samples: samples, outputs: NetworkDefinition.features, workspace: workspace)
    dense1 = DenseLayer(samples: samples, outputs: NetworkDefinition.classes, workspace: workspace)
    lstmWeights = PackedLSTMWeights("lstm", workspace: workspace)
    lstm1Weights = PackedLSTMWeights("lstm_1", workspace: workspace)
    denseWeights = PackedDenseWeights("dense", workspace: workspace)
    dense1Weights = PackedDenseWeights("dense_1", workspace: workspace)
    sequenceGradient = workspace.take(sequence)
    rowGradient = workspace.take(samples * panelColumns)
    lastOutputGradient = workspace.take(samples * panelColumns)
    convolutionParameters = workspace.take(convolutionCount)
  }

  /// Packs new parameters, a flat buffer in `NetworkDefinition.layout`, into the order in which the kernels read them.
  public func pack(_ parameters: UnsafePointer<Float>) {
    convolutionParameters.update(from: parameters, count: convolutionCount)
    lstmWeights.pack(parameters, transposes: trains)
    lstm1Weights.pack(parameters, transposes: trains)
    denseWeights.pack(parameters)
    dense1Weights.pack(parameters)
  }

  /// Preprocesses a sample's image, 784 bytes in row-major order, into the network's input.
  public func load(_ pixels: UnsafePointer<UInt8>, sample: Int) {
    convolution.load(pixels, preprocessing, sample: sample)
  }

  /// Draws a sample's dropout masks: those of a row in a data epoch, under a seed.
  public func drawMasks(seed: UInt64, epoch: Int, row: Int, sample: Int) {
    masks.draw(RowKey(seed: seed, epoch: epoch, row: row), sample: sample)
  }

  /// The forward pass of a block. Afterwards `probabilities` returns the softmax.
  ///
  /// - Parameters:
  ///   - labels: one per sample of the block, at most `samples`.
  ///   - results: receives each sample's loss and prediction.
  public func forward(labels: UnsafeBufferPointer<UInt8>, results: UnsafeMutablePointer<SampleResult>) {
    convolution.forward(convolutionWeights, mask: masks.pooling)
    lstm.forward(
      convolution.output, lstmWeights, inputMasks: masks.firstInput, stateMasks: masks.firstRecurrent)
    lstm1.forward(lstm.outputs, lstm1Weights, inputMasks: masks.secondInput, stateMasks: nil)
    dense.forward(lstm1.lastOutput, denseWeights)
    rectify(dense.output, count: samples * panelColumns)
    if let mask = masks.dense {
      multiplyElements(dense.output, mask, into: dense.output, count: samples * panelColumns)
    }
    dense1.forward(dense.output, dense1Weights)
    for (sample, label) in labels.enumerated() {
      let (loss, prediction) = softmaxCrossEntropy(
        dense1.output + sample * panelColumns, classes: NetworkDefinition.classes, label: Int(label),
        smoothing: labelSmoothing)
      results[sample] = SampleResult(loss: loss, prediction: Int32(prediction))
    }
  }

  /// The probabilities of the 25 classes for a sample of the last block.
  public func probabilities(sample: Int) -> [Float] {
    Array(UnsafeBufferPointer(start: dense1.output + sample * panelColumns, count: NetworkDefinition.classes))
  }

  /// The backward pass of a block, after `forward` with the same labels.
  ///
  /// - Parameter gradient: receives the gradient of the sum (not the mean) of the samples' losses: a flat buffer in
  ///   `NetworkDefinition.layout`, overwritten.
  public func backward(labels: UnsafeBufferPointer<UInt8>, into gradient: UnsafeMutablePointer<Float>) {
    // The gradient with respect to the logits is p - y, and 0 in rows without a sample, which then contribute nothing.
    let smoothed = labelSmoothing / Float(NetworkDefinition.classes)
    for sample in 0..<samples {
      let row = dense1.output + sample * panelColumns
      if sample < labels.count {
        if smoothed > 0 { for column in 0..<NetworkDefinition.classes { row[column] -= smoothed } }
        row[Int(labels[sample])] -= 1 - labelSmoothing
      } else {
        row.update(repeating: 0, count: panelColumns)
      }
    }
    dense1.backward(
      dense1.output, x: dense.output, dense1Weights, into: gradient, dx: rowGradient)
    if let mask = masks.dense {
      multiplyElements(rowGradient, mask, into: rowGradient, count: samples * panelColumns)
    }
    rectifyBackward(rowGradient, activation: dense.output, count: samples * panelColumns)
    dense.backward(
      rowGradient, x: lstm1.lastOutput, denseWeights, into: gradient, dx: lastOutputGradient)

    lstm1.backwardThroughTime(
      outputGradients: nil, lastOutputGradient: lastOutputGradient, lstm1Weights, stateMasks: nil)
    lstm1.weightGradients(lstm.outputs, into: LSTMGradient(gradient, lstm1Weights.offsets))
    lstm1.inputGradient(lstm1Weights, inputMasks: masks.secondInput, into: sequenceGradient)

    lstm.backwardThroughTime(
      outputGradients: sequenceGradient, lastOutputGradient: nil, lstmWeights, stateMasks: masks.firstRecurrent)
    lstm.weightGradients(convolution.output, into: LSTMGradient(gradient, lstmWeights.offsets))
    lstm.inputGradient(lstmWeights, inputMasks: masks.firstInput, into: sequenceGradient)

    convolution.backward(sequenceGradient, into: .init(gradient, convolutionOffsets))
  }

  private var convolutionWeights: ConvolutionLayer.Weights {
    .init(UnsafePointer(convolutionParameters), convolutionOffsets)
  }
}
