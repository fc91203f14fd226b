import Kernels

/// What the network found for one sample.
public struct SampleResult: Sendable, Equatable {
  /// The cross-entropy loss, in nats.
  public var loss: Float
  /// The most probable label.
  public var prediction: Int32

  /// A result.
  public init(loss: Float, prediction: Int32) {
    self.loss = loss
    self.prediction = prediction
  }
}

/// One worker's network: the layers in Keras' order, with every activation laid out before the first step.
///
/// It computes blocks of `samples` samples; a shorter block leaves the rest of the rows without effect. It holds no
/// parameters: `pack` takes them, once for each of their values.
public final class Network {
  /// The samples of a whole block.
  public let samples: Int
  /// The dropout masks of the block; drawn by `drawMasks`, or given.
  public let masks: DropoutMasks
  /// What `load` does with an image's bytes.
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

  /// The network for training on micro-batches of 8 samples with those dropout rates.
  ///
  /// - Parameter labelSmoothing: the part of each label that is spread evenly over all classes.
  public convenience init(
    training rates: DropoutRates, preprocessing: Preprocessing = .unit, labelSmoothing: Float = 0
  ) {
    self.init(
      samples: MicroBatch.size, rates: rates, preprocessing: preprocessing, labelSmoothing: labelSmoothing,
      trains: true)
  }

  /// The network for inference on blocks of `samples` samples (a multiple of 4), without dropout.
  public convenience init(inferenceSamples samples: Int, preprocessing: Preprocessing = .unit) {
    self.init(samples: samples, rates: .none, preprocessing: preprocessing, labelSmoothing: 0, trains: false)
  }

  private init(
    samples: Int, rates: DropoutRates, preprocessing: Preprocessing, labelSmoothing: Float, trains: Bool
  ) {
    let sequence = NetworkDefinition.steps * samples * NetworkDefinition.features
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

  /// Takes new parameters, a flat buffer of `NetworkDefinition.layout`.
  public func pack(_ parameters: UnsafePointer<Float>) {
    convolutionParameters.update(from: parameters, count: convolutionCount)
    lstmWeights.pack(parameters, transposes: trains)
    lstm1Weights.pack(parameters, transposes: trains)
    denseWeights.pack(parameters)
    dense1Weights.pack(parameters)
  }

  /// Takes a sample's image, 784 bytes in row-major order, by way of `preprocessing`.
  public func load(_ pixels: UnsafePointer<UInt8>, sample: Int) {
    convolution.load(pixels, preprocessing, sample: sample)
  }

  /// Draws a sample's dropout masks: those of a row in an epoch, under a seed.
  public func drawMasks(seed: UInt64, epoch: Int, row: Int, sample: Int) {
    masks.draw(RowKey(seed: seed, epoch: epoch, row: row), sample: sample)
  }

  /// Runs the block forward and gives each sample's loss and prediction. Afterwards `probabilities` holds the softmax.
  ///
  /// - Parameter labels: as many as the block has samples: at most `samples`.
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

  /// The probabilities of the 25 labels for a sample of the last block.
  public func probabilities(sample: Int) -> [Float] {
    Array(UnsafeBufferPointer(start: dense1.output + sample * panelColumns, count: NetworkDefinition.classes))
  }

  /// Runs the block backward, after `forward` with the same labels.
  ///
  /// - Parameter gradient: receives the gradient of the sum (not the mean) of the samples' losses: a flat buffer of
  ///   `NetworkDefinition.layout`, overwritten.
  public func backward(labels: UnsafeBufferPointer<UInt8>, into gradient: UnsafeMutablePointer<Float>) {
    // The loss' gradient by the logits is p - y; rows without a sample get none, and so give none.
    let spread = labelSmoothing / Float(NetworkDefinition.classes)
    for sample in 0..<samples {
      let row = dense1.output + sample * panelColumns
      if sample < labels.count {
        if spread > 0 { for column in 0..<NetworkDefinition.classes { row[column] -= spread } }
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
