import Communication
import Datasets
import Kernels
import Monitoring
import NeuralNet
import Optimizers
import Platform
import Reduction

/// One worker's part of the training steps: gradients of its micro-batches, the gradient reduction, and the optimizer on the
/// slice of the parameters that it owns.
package final class TrainingStep {
  /// The phases of a step, in the order in which they end.
  package enum Phase: Int, CaseIterable, Sendable {
    /// Packing the parameters.
    case packing
    /// Augmenting the images, where training does so.
    case augmentation
    /// Reading pixels and drawing dropout masks.
    case loading
    /// Forward, with the loss.
    case forward
    /// Backward.
    case backward
    /// Adding up the micro-batches' gradients, the gradient reduction, and the optimizer.
    case reduction
  }

  /// The batch's sums as all workers see them after the reduction, for progress. (History is summed in sample order.)
  package struct BatchSums {
    let loss: Float
    let correct: Float
    /// Whether a worker with a part in the step was asked to stop: all see the same.
    let stops: Bool
    /// Whether the time of the run is over, by the clock of a worker with a part in the step: all see the same.
    let isOvertime: Bool
    /// Whether a worker with a part in the step found its state changed by something else than a step: all see the same.
    let isCorrupted: Bool
    /// Whether the loss, the gradient, the moments and the new parameters are finite numbers, on every worker.
    let isFinite: Bool
  }

  /// Called with the rows of each micro-batch and its gradient: for tests of what a wrong one does.
  package var corrupt: ((_ rows: ArraySlice<Int32>, _ gradient: UnsafeMutablePointer<Float>) -> Void)?

  /// Raised to stop the run.
  var stop: StopFlag?
  /// When the run is to end.
  var deadline: ContinuousClock.Instant?

  /// The parameters and the batch's scalars, as all workers have them.
  let reduction: any GradientReduction

  private let network: Network
  /// Where everything is in the reduced vector.
  let vector: StepVector
  private let table: RowTable
  private let seed: UInt64
  private let images: MicroBatchImages
  /// The learning rates of the run; a plateau lowers the peak.
  var schedule: LearningRateSchedule
  /// The optimizer, with its state for this worker's slice.
  var optimizer: ShardedOptimizer
  private let norm: GradientNorm?
  private let clipNorm: Double
  private let tensorNorms: TensorNorms?
  /// What is to be known of the whole gradient before a step; nil for nothing.
  private var inspect: ((Range<Int>, UnsafePointer<Float>) throws -> Void)?
  /// The samples of the step in progress, and the factor from its summed to its mean gradient, clipped.
  private var samples = 0
  private var gradientScale: Float = 0
  /// The moving average of this worker's slice of the parameters, where there is one.
  var average: MovingAverage?
  /// What the state was when a step had left it.
  var seals: StateSeals
  /// The steps taken since the run began.
  var stepsTaken = 0
  private let heartbeat: Heartbeat
  private let workerIndex: Int

  /// What was not finite in this worker's slice in the last step that was not.
  private(set) var faults = NonFiniteTensors()
  private var scratch: [Float] = []
  private var labels = [UInt16](repeating: 0, count: MicroBatch.size)
  private var results = [SampleResult](repeating: SampleResult(loss: 0, prediction: 0), count: MicroBatch.size)

  /// - Parameters:
  ///   - stepsPerEpoch: the epochs' length, by which the learning rate changes.
  ///   - classWeights: the factors of the samples' losses and gradients, by class.
  package init(
    _ communicator: any Communicator, table: RowTable, configuration: TrainingConfiguration,
    microBatchesPerWorker: Int, stepsPerEpoch: Int, classWeights: [Float]? = nil
  ) throws {
    let architecture = configuration.architecture
    let vector = StepVector(architecture.layout)
    self.vector = vector
    reduction =
      switch configuration.allReduce {
      case .reproducible:
        try ReproducibleReduction(
          communicator, regions: vector.regions, microBatchesPerWorker: microBatchesPerWorker)
      case .mpi: LibraryAllReduce(communicator, regions: vector.regions)
      }
    network = Network(
      training: architecture, preprocessing: configuration.preprocessing,
      labelSmoothing: Float(configuration.labelSmoothing), classWeights: classWeights)
    schedule = configuration.learningRates(stepsPerEpoch: stepsPerEpoch)
    let owned = reduction.slice.clamped(to: vector.parameters)
    let layout = architecture.layout
    optimizer = ShardedOptimizer(
      configuration.optimizer(layout), weightDecay: configuration.weightDecay, range: owned)
    tensorNorms =
      optimizer.usesTensorNorms ? try TensorNorms(communicator, range: owned, layout: layout) : nil
    seals = StateSeals(range: owned)
    average = configuration.ema > 0 ? MovingAverage(range: owned, decay: configuration.ema) : nil
    clipNorm = configuration.clipNorm
    norm = clipNorm > 0 ? try GradientNorm(communicator, range: owned, of: vector.parameters.count) : nil
    images = try MicroBatchImages(table, configuration)
    seed = configuration.seed
    self.table = table
    heartbeat = communicator.heartbeat
    workerIndex = communicator.workerIndex
    if norm != nil || tensorNorms != nil { inspect = { [unowned self] in try inspectSlice($0, $1) } }
  }

  /// The layout of the parameters.
  var layout: ParameterLayout { network.architecture.layout }

  /// The parameters, `layout.paddedCount` numbers, as of the last step.
  var parameters: UnsafePointer<Float> { UnsafePointer(reduction.shared) }

  /// Gives every worker rank 0's parameters. Collective.
  package func distribute(_ parameters: [Float]?) throws {
    try reduction.distribute(parameters.map { $0 + [Float](repeating: 0, count: vector.scalars.count) })
    sealState()
  }

  /// Takes one step. Collective.
  ///
  /// - Parameters:
  ///   - rows: this worker's rows, in order; cut into micro-batches.
  ///   - dataEpoch: the epoch of the dropout masks and of augmentation.
  ///   - history: receives this worker's results, sample by sample.
  @discardableResult
  package func take<Observer: StepObserver>(
    _ batch: BatchPlan, rows: ArraySlice<Int32>, dataEpoch: Int, history: inout EpochHistory,
    observer: inout Observer
  ) throws -> BatchSums {
    heartbeat.enter(.step, number: stepsTaken + 1)
    network.pack(parameters)
    observer.phaseEnded(.packing)
    reduction.begin(batch.reduction)
    var start = rows.startIndex
    var number = batch.reduction.runs[workerIndex].lowerBound
    while start < rows.endIndex {
      let microBatch = rows[start..<min(start + MicroBatch.size, rows.endIndex)]
      reduction.addMicroBatch { gradient in
        computeGradient(microBatch, dataEpoch: dataEpoch, into: gradient, observer: &observer)
        note(microBatch.count, &history)
        observer.gradientComputed(number, gradient)
      }
      observer.phaseEnded(.reduction)
      start = microBatch.endIndex
      number += 1
    }
    try observer.gradientsComputed()
    let isFinite = try update(batch)
    observer.phaseEnded(.reduction)
    return sums(isFinite: isFinite)
  }

  /// Reduces the gradients, and steps this worker's slice of the parameters; whether everything is finite, on every worker.
  private func update(_ batch: BatchPlan) throws -> Bool {
    stepsTaken += 1
    heartbeat.enter(.reduction, number: stepsTaken)
    optimizer.begin(step: stepsTaken, learningRate: schedule.rate(step: stepsTaken))
    samples = batch.samples
    gradientScale = 1 / Float(batch.samples)
    let averageRate = average?.rate(step: stepsTaken) ?? 0
    return try reduction.complete(batch.reduction, inspect: inspect) { part in
      guard part.region == 0 else {
        (reduction.shared + part.range.lowerBound).update(from: part.sums, count: part.range.count)
        return true
      }
      stepState(part.range, part.sums, scale: gradientScale, averageRate: averageRate)
      return check(part.range, part.sums)
    }
  }

  /// Does what needs the whole gradient before any of it is used: clips it, and takes the first half of a step with norms.
  private func inspectSlice(_ slice: Range<Int>, _ sums: UnsafePointer<Float>) throws {
    if let norm {
      try norm.measure(slice, sums)
      gradientScale = norm.scale(samples: samples, limit: clipNorm)
    }
    guard let tensorNorms else { return }
    prepareState(sums + (optimizer.range.lowerBound - slice.lowerBound), scale: gradientScale)
    try tensorNorms.measure(parameters, optimizer)
    optimizer.use(tensorNorms.norms)
  }

  /// Looks at what was just updated, while it is in the first-level cache; notes what is not finite.
  private func check(_ part: Range<Int>, _ sums: UnsafePointer<Float>) -> Bool {
    if optimizer.areFinite(part, parameters: parameters) { return true }
    faults.note(part, layout, sums: sums, optimizer: optimizer, parameters: parameters)
    return false
  }

  private func sums(isFinite: Bool) -> BatchSums {
    func sum(_ scalar: StepVector.Scalar) -> Float { reduction.shared[vector.index(scalar)] }
    return BatchSums(
      loss: sum(.loss), correct: sum(.correct), stops: sum(.stop) > 0, isOvertime: sum(.overtime) > 0,
      isCorrupted: sum(.corrupted) > 0, isFinite: sum(.loss).isFinite && isFinite)
  }

  private func computeGradient<Observer: StepObserver>(
    _ rows: ArraySlice<Int32>, dataEpoch: Int, into gradient: UnsafeMutablePointer<Float>, observer: inout Observer
  ) {
    images.prefetch(rows)
    images.augment(rows, dataEpoch: dataEpoch)
    if images.areAugmented { observer.phaseEnded(.augmentation) }
    // The masks first, while the pixels arrive from memory.
    for (sample, row) in rows.enumerated() {
      network.drawMasks(seed: seed, epoch: dataEpoch, row: Int(row), sample: sample)
      labels[sample] = table.label(Int(row))
    }
    for (sample, row) in rows.enumerated() {
      network.load(images.pixels(row: Int(row), sample: sample), sample: sample)
    }
    observer.phaseEnded(.loading)
    labels.withUnsafeBufferPointer { labels in
      let labels = UnsafeBufferPointer(rebasing: labels[..<rows.count])
      results.withUnsafeMutableBufferPointer { results in
        guard let results = results.baseAddress else { return }
        network.forward(labels: labels, results: results)
      }
      observer.phaseEnded(.forward)
      network.backward(labels: labels, into: gradient)
    }
    observer.phaseEnded(.backward)
    writeScalars(samples: rows.count, into: gradient)
    corrupt?(rows, gradient)
  }

  private func writeScalars(samples: Int, into sums: UnsafeMutablePointer<Float>) {
    var (loss, correct) = (Float(0), Float(0))
    for sample in 0..<samples {
      loss += results[sample].loss
      correct += isCorrect(sample) ? 1 : 0
    }
    sums[vector.index(.loss)] = loss
    sums[vector.index(.correct)] = correct
    sums[vector.index(.stop)] = stop?.signal ?? 0 == 0 ? 0 : 1
    sums[vector.index(.overtime)] = deadline.map { ContinuousClock.now >= $0 } ?? false ? 1 : 0
    sums[vector.index(.corrupted)] = seals.broken == nil ? 0 : 1
  }

  private func isCorrect(_ sample: Int) -> Bool { results[sample].prediction == Int32(labels[sample]) }

  /// Keeps the results of the micro-batch that was computed last.
  private func note(_ samples: Int, _ history: inout EpochHistory) {
    for sample in 0..<samples { history.append(loss: results[sample].loss, isCorrect: isCorrect(sample)) }
  }

  /// The digest of a micro-batch's gradient and sums, which `computeGradient` has left.
  func digest(_ gradient: UnsafePointer<Float>) -> UInt64 {
    memoryDigest(gradient, byteCount: vector.computed.count * MemoryLayout<Float>.stride)
  }

  /// Computes a micro-batch's gradient once more, in memory of its own, and returns its digest. In the midst of a step only,
  /// when this worker's own micro-batches are done.
  ///
  /// - Parameter fresh: whether to take the parameters again first.
  func recompute(_ rows: ArraySlice<Int32>, dataEpoch: Int, fresh: Bool = false) -> UInt64 {
    if fresh { network.pack(parameters) }
    if scratch.isEmpty { scratch = [Float](repeating: 0, count: vector.regions.count) }
    return scratch.withUnsafeMutableBufferPointer { scratch in
      guard let scratch = scratch.baseAddress else { return 0 }
      var observer = NoObserver()
      computeGradient(rows, dataEpoch: dataEpoch, into: scratch, observer: &observer)
      return digest(scratch)
    }
  }
}
