import Kernels

/// The network's result for one sample.
public struct SampleResult: Sendable, Equatable {
  /// The cross-entropy loss, in nats; multiplied by the class's weight where there is one.
  public var loss: Float
  /// The most probable class.
  public var prediction: Int32

  /// A result with this loss and prediction.
  public init(loss: Float, prediction: Int32) {
    self.loss = loss
    self.prediction = prediction
  }
}

/// One worker's network: the layers' operations in order, with all activations allocated before the first training step.
///
/// It computes blocks of `samples` samples; in a shorter block the remaining rows have no effect. The parameters are the
/// caller's: call `pack` after each change of them.
public final class Network {
  /// What is computed.
  public let architecture: Architecture
  /// The number of samples in a full block.
  public let samples: Int
  /// The dropout masks of the block, in the order of the layers; drawn by `drawMasks` or written by the caller.
  public let masks: [DropoutMask]
  /// How `load` turns an image's bytes into the network's input.
  public let preprocessing: Preprocessing

  private let workspace = Workspace()
  private let input: Signal
  private let operations: [any LayerOperation]
  private let logits: Signal
  /// The softmax of each sample's logits, [samples, classes] in rows as far apart as the logits'. In a place of its own: the
  /// last layer may need its output once more.
  private let probabilities: UnsafeMutablePointer<Float>
  private let loss: CrossEntropy

  /// A network for training on micro-batches of 8 samples.
  ///
  /// - Parameters:
  ///   - labelSmoothing: the label smoothing factor, 0 for none.
  ///   - classWeights: a factor of the loss for each class; nil for none.
  public convenience init(
    training architecture: Architecture, preprocessing: Preprocessing = .unit, labelSmoothing: Float = 0,
    classWeights: [Float]? = nil
  ) {
    self.init(
      architecture, samples: MicroBatch.size, preprocessing: preprocessing,
      loss: CrossEntropy(
        classes: architecture.classes, labelSmoothing: labelSmoothing, classWeights: classWeights),
      trains: true)
  }

  /// A network for inference on blocks of `samples` samples, without dropout.
  public convenience init(
    inference architecture: Architecture, samples: Int, preprocessing: Preprocessing = .unit
  ) {
    self.init(
      architecture, samples: samples, preprocessing: preprocessing,
      loss: CrossEntropy(classes: architecture.classes, labelSmoothing: 0, classWeights: nil), trains: false)
  }

  private init(
    _ architecture: Architecture, samples: Int, preprocessing: Preprocessing, loss: CrossEntropy, trains: Bool
  ) {
    self.architecture = architecture
    self.samples = samples
    self.preprocessing = preprocessing
    self.loss = loss
    let workspace = workspace
    let stages = architecture.logitStages
    let shape = architecture.input
    let stride = Self.readsRows(stages) ? shape.channels : padded(shape.channels)
    input = Signal(
      shape: shape, samples: samples, stride: stride,
      values: workspace.take(shape.positions * samples * stride), gradient: nil)
    var (signal, operations, masks) = (input, [any LayerOperation](), [DropoutMask]())
    for (index, stage) in stages.enumerated() {
      var context = LayerContext(
        input: signal, stage: stage, next: index + 1 < stages.count ? stages[index + 1].layer : nil,
        layout: architecture.layout, trains: trains, workspace: workspace, masks: masks)
      if let operation = stage.layer.operation(&context) { operations.append(operation) }
      (signal, masks) = (context.output, context.masks)
    }
    self.operations = operations
    self.masks = masks
    logits = signal
    probabilities = workspace.take(samples * signal.stride)
  }

  /// Whether the first layer that moves numbers reads rows of any length.
  private static func readsRows(_ stages: [Architecture.Stage]) -> Bool {
    for stage in stages {
      switch stage.layer.reading {
      case .any: return true
      case .padded: return false
      case .asNext: continue
      }
    }
    return false
  }

  /// The bytes of all buffers.
  public var byteCount: Int { workspace.byteCount }

  /// Packs new parameters, a flat buffer in the architecture's layout, into the order in which the kernels read them.
  public func pack(_ parameters: UnsafePointer<Float>) {
    for operation in operations { operation.pack(parameters) }
  }

  /// Preprocesses a sample's image, `architecture.input.count` bytes in row-major order, into the network's input.
  public func load(_ pixels: UnsafePointer<UInt8>, sample: Int) {
    preprocessing.apply(
      pixels, count: input.shape.count, into: input.values + sample * input.stride,
      SampleRows(length: input.channels, stride: input.block))
  }

  /// Draws a sample's dropout masks: those of a row in a data epoch, under a seed.
  public func drawMasks(seed: UInt64, epoch: Int, row: Int, sample: Int) {
    let key = RowKey(seed: seed, epoch: epoch, row: row)
    for mask in masks { mask.draw(key, sample: sample) }
  }

  /// The forward pass of a block. Afterwards `probabilities` returns the softmax.
  ///
  /// - Parameters:
  ///   - labels: one per sample of the block, at most `samples`.
  ///   - results: receives each sample's loss and prediction.
  public func forward(labels: UnsafeBufferPointer<UInt16>, results: UnsafeMutablePointer<SampleResult>) {
    for operation in operations { operation.forward() }
    for (sample, label) in labels.enumerated() {
      let row = sample * logits.stride
      (probabilities + row).update(from: logits.values + row, count: logits.stride)
      results[sample] = loss.evaluate(probabilities + row, label: Int(label))
    }
  }

  /// The probabilities of the classes for a sample of the last block.
  public func probabilities(sample: Int) -> [Float] {
    Array(UnsafeBufferPointer(start: probabilities + sample * logits.stride, count: architecture.classes))
  }

  /// The probability of a class for a sample of the last block.
  public func probability(of label: Int, sample: Int) -> Float {
    precondition((0..<architecture.classes).contains(label), "class \(label) of \(architecture.classes)")
    return probabilities[sample * logits.stride + label]
  }

  /// The backward pass of a block, after `forward` with the same labels.
  ///
  /// - Parameter gradient: receives the gradient of the sum (not the mean) of the samples' losses: a flat buffer in the
  ///   architecture's layout, overwritten.
  public func backward(labels: UnsafeBufferPointer<UInt16>, into gradient: UnsafeMutablePointer<Float>) {
    guard let target = logits.gradient else { return }
    // Rows without a sample contribute nothing.
    for sample in 0..<samples {
      let row = target + sample * logits.stride
      if sample < labels.count {
        loss.gradient(
          probabilities + sample * logits.stride, label: Int(labels[sample]), into: row, count: logits.stride)
      } else {
        row.update(repeating: 0, count: logits.stride)
      }
    }
    for operation in operations.reversed() { operation.backward(into: gradient) }
  }
}
