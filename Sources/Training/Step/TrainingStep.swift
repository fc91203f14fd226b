import Communication
import Datasets
import Kernels
import Monitoring
import NeuralNet
import Optimizers
import Platform
import Reduction

/// One worker's part of the training steps: gradients of its micro-batches, the gradient reduction, and Adam on the slice of
/// the parameters that it owns.
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
    /// Adding up the micro-batches' gradients, the gradient reduction, and Adam.
    case reduction
  }

  /// The batch's sums as all workers see them after the reduction, for progress. (History is summed in sample order.)
  package struct BatchSums {
    let loss: Float
    let correct: Float
    /// Whether a worker with a part in the step was asked to stop: all see the same.
    let stops: Bool
    /// Whether a worker with a part in the step found its state changed by something else than a step: all see the same.
    let isCorrupted: Bool
    /// Whether the loss, the gradient, the moments and the new parameters are finite numbers, on every worker.
    let isFinite: Bool
  }

  /// Called with the rows of each micro-batch and its gradient: for tests of what a wrong one does.
  package var corrupt: ((_ rows: ArraySlice<Int32>, _ gradient: UnsafeMutablePointer<Float>) -> Void)?

  /// Raised to stop the run.
  var stop: StopFlag?

  /// The parameters and the batch's scalars, as all workers have them.
  let reduction: any GradientReduction

  private let network: Network
  /// Where everything is in the reduced vector.
  let vector: StepVector
  private let table: RowTable
  private let seed: UInt64
  private let images: MicroBatchImages
  /// The learning rates of the run.
  let schedule: LearningRateSchedule
  private var optimizer: Adam
  private let norm: GradientNorm?
  private let clipNorm: Double
  private let inspect: ((Range<Int>, UnsafePointer<Float>) throws -> Void)?
  /// The moving average of this worker's slice of the parameters, where there is one.
  var average: MovingAverage?
  /// Adam's state for this worker's slice.
  var moments: AdamMoments
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

  /// - Parameter stepsPerEpoch: the epochs' length, by which the learning rate changes.
  package init(
    _ communicator: any Communicator, table: RowTable, configuration: TrainingConfiguration,
    microBatchesPerWorker: Int, stepsPerEpoch: Int
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
      labelSmoothing: Float(configuration.labelSmoothing))
    schedule = configuration.learningRates(stepsPerEpoch: stepsPerEpoch)
    optimizer = Adam(learningRate: configuration.learningRate, weightDecay: configuration.weightDecay)
    let owned = reduction.slice.clamped(to: vector.parameters)
    moments = AdamMoments(range: owned)
    seals = StateSeals(range: owned)
    average = configuration.ema > 0 ? MovingAverage(range: owned, decay: configuration.ema) : nil
    clipNorm = configuration.clipNorm
    let norm = clipNorm > 0 ? try GradientNorm(communicator, range: owned, of: vector.parameters.count) : nil
    self.norm = norm
    inspect = norm.map { norm in { try norm.measure($0, $1) } }
    images = try MicroBatchImages(table, configuration)
    seed = configuration.seed
    self.table = table
    heartbeat = communicator.heartbeat
    workerIndex = communicator.workerIndex
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
    optimizer.learningRate = schedule.rate(step: stepsTaken)
    var constants = optimizer.constants(step: stepsTaken, samples: batch.samples)
    let averageRate = average?.rate(step: stepsTaken) ?? 0
    return try reduction.complete(batch.reduction, inspect: inspect) { part in
      guard part.region == 0 else {
        (reduction.shared + part.range.lowerBound).update(from: part.sums, count: part.range.count)
        return true
      }
      if let norm { constants.gradientScale = norm.scale(samples: batch.samples, limit: clipNorm) }
      stepState(constants, part.range, part.sums, averageRate: averageRate)
      return check(part.range, part.sums)
    }
  }

  /// Looks at what was just updated, while it is in the first-level cache; notes what is not finite.
  private func check(_ part: Range<Int>, _ sums: UnsafePointer<Float>) -> Bool {
    if moments.areFinite(part, parameters: parameters) { return true }
    faults.note(part, layout, sums: sums, moments: moments, parameters: parameters)
    return false
  }

  private func sums(isFinite: Bool) -> BatchSums {
    func sum(_ scalar: StepVector.Scalar) -> Float { reduction.shared[vector.index(scalar)] }
    return BatchSums(
      loss: sum(.loss), correct: sum(.correct), stops: sum(.stop) > 0, isCorrupted: sum(.corrupted) > 0,
      isFinite: sum(.loss).isFinite && isFinite)
  }

  private func computeGradient<Observer: StepObserver>(
    _ rows: ArraySlice<Int32>, dataEpoch: Int, into gradient: UnsafeMutablePointer<Float>, observer: inout Observer
  ) {
    images.augment(rows, dataEpoch: dataEpoch)
    if images.areAugmented { observer.phaseEnded(.augmentation) }
    for (sample, row) in rows.enumerated() {
      network.load(images.pixels(row: Int(row), sample: sample), sample: sample)
      network.drawMasks(seed: seed, epoch: dataEpoch, row: Int(row), sample: sample)
      labels[sample] = table.label(Int(row))
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
