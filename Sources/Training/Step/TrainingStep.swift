import Communication
import Kernels
import NeuralNet
import SignLanguageMNIST

/// One worker's part of the training steps: gradients of its chunks, the exchange, and Adam on its slice.
package final class TrainingStep {
  /// The parts of a step, in the order in which they end.
  package enum Phase: Int, CaseIterable, Sendable {
    /// Packing the parameters.
    case packing
    /// Changing the images, where training does so.
    case augmentation
    /// Reading pixels and drawing dropout masks.
    case loading
    /// Forward, with the loss.
    case forward
    /// Backward.
    case backward
    /// Adding up the chunks' gradients, the exchange, and Adam.
    case exchange
  }

  /// The numbers that ride behind the gradient in the exchange: sums over the batch.
  private enum Tail {
    static let loss = NetworkDefinition.layout.paddedCount
    static let correct = loss + 1
    /// Above zero if a worker was asked to stop.
    static let stop = loss + 2
    /// Above zero if a worker's slice of the state is not what it had left.
    static let broken = loss + 3
    static let count = 16
  }

  /// The batch's sums as all workers see them after the exchange, for progress. (History is summed in sample order.)
  package struct BatchSums {
    let loss: Float
    let correct: Float
    /// Whether a worker with a part in the step was asked to stop: all see the same.
    let stops: Bool
    /// Whether a worker with a part in the step found its state changed by something else than a step: all see the same.
    let isBroken: Bool
    /// Whether the loss, the gradient, the moments and the new parameters are finite numbers, on every worker.
    let isFinite: Bool
  }

  /// Called as a phase ends, for a benchmark that wants to know where the time goes.
  package var phaseEnded: ((Phase) -> Void)?

  /// Called with each chunk of this worker and its gradient, in a step whose chunks are to be computed twice.
  var chunkEnded: ((_ chunk: Int, _ gradient: UnsafePointer<Float>) -> Void)?

  /// Called when this worker's chunks are done, before anything is added up; may be collective.
  var chunksEnded: (() throws -> Void)?

  /// Called with the rows of each chunk and its gradient: for tests of what a wrong one does.
  package var disturb: ((_ rows: ArraySlice<Int32>, _ gradient: UnsafeMutablePointer<Float>) -> Void)?

  /// Raised to stop the run.
  var stop: StopFlag?

  /// The length of the vector that is exchanged.
  static let vectorLength = NetworkDefinition.layout.paddedCount + Tail.count

  /// The parameters and the tail, as all workers have them.
  let exchange: any GradientExchange

  private let network: Network
  private let table: RowTable
  private let seed: UInt64
  private var images: ChunkImages
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
  private let progress: WorkerProgress
  private let position: Int

  /// What was not finite in this worker's slice in the last step that was not.
  private(set) var faults = NonFiniteTensors()
  private var scratch: [Float] = []
  private var labels = [UInt8](repeating: 0, count: DropoutMasks.samples)
  private var results = [SampleResult](repeating: SampleResult(loss: 0, prediction: 0), count: DropoutMasks.samples)

  /// - Parameter stepsPerEpoch: the epochs' length, by which the learning rate changes.
  package init(
    _ communicator: any Communicator, table: RowTable, configuration: TrainingConfiguration, chunksPerWorker: Int,
    stepsPerEpoch: Int
  ) throws {
    exchange =
      switch configuration.allReduce {
      case .canonical: try CanonicalExchange(communicator, count: Self.vectorLength, chunksPerWorker: chunksPerWorker)
      case .mpi: AllReduceExchange(communicator, count: Self.vectorLength)
      }
    network = Network(
      training: configuration.dropoutRates, preprocessing: configuration.preprocessing,
      labelSmoothing: Float(configuration.labelSmoothing))
    schedule = configuration.learningRates(stepsPerEpoch: stepsPerEpoch)
    optimizer = Adam(learningRate: configuration.learningRate, weightDecay: configuration.weightDecay)
    let owned = exchange.slice.clamped(to: 0..<NetworkDefinition.layout.paddedCount)
    moments = AdamMoments(range: owned)
    seals = StateSeals(range: owned)
    average = configuration.ema > 0 ? MovingAverage(range: owned, decay: configuration.ema) : nil
    clipNorm = configuration.clipNorm
    let norm = clipNorm > 0 ? try GradientNorm(communicator, range: owned) : nil
    self.norm = norm
    inspect = norm.map { norm in { try norm.measure($0, $1) } }
    images = ChunkImages(table, configuration)
    seed = configuration.seed
    self.table = table
    progress = communicator.progress
    position = communicator.topology.positionOfRank[communicator.rank]
  }

  /// The parameters, `NetworkDefinition.layout.paddedCount` numbers, as of the last step.
  var parameters: UnsafePointer<Float> { UnsafePointer(exchange.shared) }

  /// A copy of the parameters.
  func copyParameters() -> [Float] {
    Array(UnsafeBufferPointer(start: parameters, count: NetworkDefinition.layout.paddedCount))
  }

  /// The parameters to evaluate and to keep, whole: their moving average where there is one. Collective.
  func parametersToEvaluate(_ communicator: any Communicator) throws -> [Float] {
    guard let average else { return copyParameters() }
    // Where every worker updates everything, it has everything.
    if average.values.count == NetworkDefinition.layout.paddedCount { return average.values }
    let starts = try communicator.allGather(average.range.lowerBound)
    var whole = copyParameters()
    for (start, part) in zip(starts, try communicator.allGather(average.values)) {
      whole.replaceSubrange(start..<start + part.count, with: part)
    }
    return whole
  }

  /// Gives every worker rank 0's parameters. Collective.
  package func distribute(_ parameters: [Float]?) throws {
    try exchange.distribute(parameters.map { $0 + [Float](repeating: 0, count: Tail.count) })
    sealState()
  }

  /// Takes one step. Collective.
  ///
  /// - Parameters:
  ///   - rows: this worker's rows, in order; cut into chunks of 8.
  ///   - pass: the epoch of the dropout masks' key.
  ///   - history: receives this worker's results, sample by sample.
  @discardableResult
  package func take(
    _ layout: BatchLayout, rows: ArraySlice<Int32>, pass: Int, history: inout EpochHistory
  ) throws -> BatchSums {
    progress.enter(Activity.step, number: stepsTaken + 1)
    network.pack(parameters)
    phaseEnded?(.packing)
    exchange.begin(layout.plan)
    var start = rows.startIndex
    var number = layout.plan.runs[position].lowerBound
    while start < rows.endIndex {
      let chunk = rows[start..<min(start + DropoutMasks.samples, rows.endIndex)]
      exchange.addChunk { slot in
        computeGradient(chunk, pass: pass, into: slot)
        note(chunk.count, &history)
        chunkEnded?(number, slot)
      }
      phaseEnded?(.exchange)
      start = chunk.endIndex
      number += 1
    }
    try chunksEnded?()
    stepsTaken += 1
    progress.enter(Activity.exchange, number: stepsTaken)
    optimizer.learningRate = schedule.rate(step: stepsTaken)
    var constants = optimizer.constants(step: stepsTaken, samples: layout.samples)
    let averageRate = average?.rate(step: stepsTaken) ?? 0
    let shared = exchange.shared
    try exchange.complete(layout.plan, inspect: inspect) { range, sums in
      if let norm { constants.gradientScale = norm.scale(samples: layout.samples, limit: clipNorm) }
      let part = range.clamped(to: moments.range)
      stepState(constants, part, sums, averageRate: averageRate)
      publishTail(range, sums)
      check(part, sums)
    }
    phaseEnded?(.exchange)
    let loss = shared[Tail.loss]
    return BatchSums(
      loss: loss, correct: shared[Tail.correct], stops: shared[Tail.stop] > 0, isBroken: shared[Tail.broken] > 0,
      isFinite: loss.isFinite && slicesAreFinite)
  }

  /// Looks at what was just updated, while it is in the first-level cache. Where something is not finite, the slice's first
  /// parameter becomes NaN: it reaches all workers with the slice, and one look at each slice tells all of them the same.
  private func check(_ part: Range<Int>, _ sums: UnsafePointer<Float>) {
    if moments.areFinite(part, parameters: parameters) { return }
    faults.note(part, sums: sums, moments: moments, parameters: parameters)
    exchange.shared[exchange.slice.lowerBound] = .nan
  }

  private var slicesAreFinite: Bool {
    for start in exchange.sliceStarts where !exchange.shared[start].isFinite { return false }
    return true
  }

  private func computeGradient(
    _ rows: ArraySlice<Int32>, pass: Int, into slot: UnsafeMutablePointer<Float>
  ) {
    images.augment(rows, pass: pass)
    if images.areAugmented { phaseEnded?(.augmentation) }
    for (sample, row) in rows.enumerated() {
      images.load(Int(row), sample: sample, into: network)
      network.drawMasks(seed: seed, epoch: pass, row: Int(row), sample: sample)
      labels[sample] = table.label(Int(row))
    }
    phaseEnded?(.loading)
    labels.withUnsafeBufferPointer { labels in
      let labels = UnsafeBufferPointer(rebasing: labels[..<rows.count])
      results.withUnsafeMutableBufferPointer { results in
        guard let results = results.baseAddress else { return }
        network.forward(labels: labels, results: results)
      }
      phaseEnded?(.forward)
      network.backward(labels: labels, into: slot)
    }
    phaseEnded?(.backward)
    var (loss, correct) = (Float(0), Float(0))
    for sample in 0..<rows.count {
      loss += results[sample].loss
      correct += isCorrect(sample) ? 1 : 0
    }
    slot[Tail.loss] = loss
    slot[Tail.correct] = correct
    slot[Tail.stop] = stop?.signal ?? 0 == 0 ? 0 : 1
    slot[Tail.broken] = seals.broken == nil ? 0 : 1
    disturb?(rows, slot)
  }

  private func isCorrect(_ sample: Int) -> Bool { results[sample].prediction == Int32(labels[sample]) }

  /// Keeps the results of the chunk that was computed last.
  private func note(_ samples: Int, _ history: inout EpochHistory) {
    for sample in 0..<samples { history.append(loss: results[sample].loss, isCorrect: isCorrect(sample)) }
  }

  /// The digest of a chunk's gradient and sums, which `computeGradient` has left.
  static func digest(_ gradient: UnsafePointer<Float>) -> UInt64 {
    memoryDigest(gradient, byteCount: Tail.stop * MemoryLayout<Float>.stride)
  }

  /// Computes a chunk's gradient once more, in memory of its own, and gives its digest. In the midst of a step only, when this
  /// worker's own chunks are done.
  ///
  /// - Parameter fresh: whether to take the parameters anew first.
  func recompute(_ rows: ArraySlice<Int32>, pass: Int, fresh: Bool = false) -> UInt64 {
    if fresh { network.pack(parameters) }
    if scratch.isEmpty { scratch = [Float](repeating: 0, count: Self.vectorLength) }
    return scratch.withUnsafeMutableBufferPointer { scratch in
      guard let scratch = scratch.baseAddress else { return 0 }
      computeGradient(rows, pass: pass, into: scratch)
      return Self.digest(scratch)
    }
  }

  /// Copies what a range has of the numbers behind the parameters to where all workers read them.
  private func publishTail(_ range: Range<Int>, _ sums: UnsafePointer<Float>) {
    for place in range.clamped(to: Tail.loss..<Tail.loss + Tail.count) {
      exchange.shared[place] = sums[place - range.lowerBound]
    }
  }
}
