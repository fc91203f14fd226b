import Communication
import Datasets
import NeuralNet
import Platform

/// The outcome of a run, known to every worker.
public struct TrainingOutcome: Sendable {
  /// The parameters of the best epoch, by the monitored value; the latest ones if no epoch was complete.
  public let parameters: [Float]
  /// The best epoch, from 1; 0 if no epoch was complete.
  public let bestEpoch: Int
  /// The epochs that were trained to their end.
  public let epochs: Int
  /// Whether the run ended because its time was over.
  public let isOvertime: Bool
  /// What the images look like that it was trained on; nil where they were too few to say.
  public let images: TrainingImages?
}

/// Trains the network on the data: one worker's part of it. All workers make one with the same arguments and call `run`.
public final class Trainer {
  let configuration: TrainingConfiguration
  let communicator: any Communicator
  let data: TrainingData
  private let trainingSource: DataSource
  let step: TrainingStep
  let evaluator: Evaluator
  let verification: Verification
  private let recomputation: GradientRecomputation
  private var sampler: any Sampler
  var history = EpochHistory()

  /// Where the run is.
  var position = TrainingPosition()
  // What rank 0 keeps for all.
  var log: TrainingLog
  var best: [Float]? {
    didSet { verification.seal(best: best) }
  }
  /// What these weights make of the validation rows; nil where this run has not evaluated them since it began or continued.
  var bestEvaluation: Evaluation?

  /// The share of the micro-batches that is computed twice where nothing else is asked for.
  public static let defaultVerifyShare = 0.0025

  /// Loads the data and lays everything out. Collective. Then comes `begin` or `restore`, and then `run`.
  ///
  /// - Parameter verifyShare: the share of the micro-batches, 0 ... 1, that is computed twice and compared. It changes no bit of
  ///   the result, and is no part of the run's identity.
  public init(
    _ configuration: TrainingConfiguration, sources: DataSources, verifyShare: Double = defaultVerifyShare,
    _ communicator: any Communicator
  ) throws {
    self.configuration = configuration
    trainingSource = sources.train
    self.communicator = communicator
    log = TrainingLog(configuration)
    var sources = sources
    sources.request = configuration.architecture.rowRequest
    let data = try TrainingData(sources, configuration, communicator)
    self.data = data
    log.images = data.images
    let sampler = try communicator.agree { try data.sampler(configuration) }
    self.sampler = sampler
    let classWeights = try communicator.agree {
      let names = try sources.train.classNames()
      return try configuration.classWeight?.factors(rows: data.facts.training, label: names.label(of:))
    }
    step = try TrainingStep(
      communicator, table: data.training, configuration: configuration,
      microBatchesPerWorker: sampler.microBatchesPerWorker,
      stepsPerEpoch: configuration.stepsPerEpoch ?? sampler.stepsPerDataEpoch, classWeights: classWeights)
    evaluator = Evaluator(
      communicator, configuration.architecture, table: data.validation, rows: data.validationRows,
      preprocessing: configuration.preprocessing)
    verification = try Verification(communicator, step: step, data: data, configuration: configuration)
    recomputation = GradientRecomputation(
      communicator, step: step,
      plan: RecomputationPlan(
        share: verifyShare, seed: configuration.seed, sharesRows: sampler.sharesRows, topology: communicator.topology),
      verification: verification)
  }

  /// Begins with these weights, as the layout of the configuration's architecture orders them; only rank 0's are taken. Collective.
  public func begin(with parameters: [Float]) throws {
    try step.distribute(communicator.rank == 0 ? parameters : nil)
    sampler.startDataEpoch(position.dataEpoch)
  }

  /// What the run trains on.
  public var summary: DataSummary {
    let runs = sampler.plan(step: 0).reduction.runs
    let order = communicator.topology.order
    return DataSummary(
      trainingRows: data.totalTrainingRows, validationRows: data.totalValidationRows, stepsPerEpoch: stepsPerEpoch,
      workers: communicator.size, idleRanks: order.indices.filter { runs[$0].isEmpty }.map { order[$0] },
      warnings: data.facts.warnings)
  }

  /// The SHA-256 of the training file and of the validation file, as they were read; nil for the synthetic data set.
  public var dataSHA256: (training: SHA256Digest?, validation: SHA256Digest?) {
    (data.training.sha256, data.validation.sha256)
  }

  /// Called with the rows of each micro-batch that this worker computes and its gradient: for tests of what a wrong one does.
  package var corrupt: ((_ rows: ArraySlice<Int32>, _ gradient: UnsafeMutablePointer<Float>) -> Void)? {
    get { step.corrupt }
    set { step.corrupt = newValue }
  }

  private var isRoot: Bool { communicator.rank == 0 }

  private var stepsPerEpoch: Int { configuration.stepsPerEpoch ?? sampler.stepsPerDataEpoch }

  /// Whether this run ever is there.
  public func canBe(at position: TrainingPosition) -> Bool {
    position.fits(stepsPerEpoch: stepsPerEpoch, stepsPerDataEpoch: sampler.stepsPerDataEpoch)
  }

  /// Continues from rank 0's state, of a run with the same configuration and data; nil there to begin. Collective; before
  /// `run`.
  public func restore(_ state: TrainingState?) throws {
    guard try communicator.broadcast(state != nil) else { return }
    if let state {
      position = state.position
      log = state.log
      // A state of an earlier version does not say.
      log.images = data.images
      best = state.best
    }
    position = try position.broadcast(communicator)
    try communicator.agree {
      guard canBe(at: position) else {
        throw Failure(.data, "the checkpoint is of a run with other data or steps: it was made \(position)")
      }
    }
    try step.restore(state, stepsTaken: position.stepsTaken, communicator)
    try takeRate()
    verification.lastCheckpoint = position
    sampler.startDataEpoch(position.dataEpoch)
  }

  /// Trains until the last epoch, until rank 0 stops early, or until the policy's flag is raised or its time is over. Collective.
  ///
  /// - Parameters:
  ///   - policy: when to tell `observe` of a checkpoint; nil for never.
  ///   - observe: called on rank 0 only; an error that it throws ends the run on all ranks.
  /// - Throws: `TrainingInterrupted` where the flag was raised.
  public func run(
    checkpoints policy: CheckpointPolicy? = nil, observe: (TrainingEvent) throws -> Void
  ) throws -> TrainingOutcome {
    step.stop = policy?.stop
    step.deadline = policy?.deadline
    try communicator.agree { if isRoot { try observe(.started(summary)) } }
    var isOver = try communicator.broadcast(log.stopping.isOver)
    if !isOver { try endIfStopped(policy) }
    var isOvertime = false
    while !isOver, !isOvertime, position.epoch <= configuration.epochs {
      let clock = EpochClock(before: log.seconds)
      guard try train(clock, policy, observe) else {
        isOvertime = true
        break
      }
      isOver = try endEpoch(clock, observe)
      if policy != nil { try checkpoint(observe) }
      guard !isOver, position.epoch <= configuration.epochs else { continue }
      try endIfStopped(policy)
      isOvertime = try isTimeOver(policy)
    }
    if isOvertime { try communicator.agree { if isRoot { try observe(.timeIsOver(position)) } } }
    return try outcome(isOvertime: isOvertime)
  }

  /// The outcome, where everyone ends with the best epoch's weights. Collective.
  private func outcome(isOvertime: Bool) throws -> TrainingOutcome {
    try verification.check(readsTables: false, best: best)
    let bestEpoch = try communicator.broadcast(fromRoot: [log.stopping.bestEpoch ?? 0], root: 0)[0]
    let latest = bestEpoch == 0 ? try step.parametersToEvaluate(communicator) : nil
    try step.distribute(isRoot ? best ?? latest : nil)
    return TrainingOutcome(
      parameters: step.copyParameters(), bestEpoch: bestEpoch, epochs: position.epoch - 1, isOvertime: isOvertime,
      images: data.images)
  }

  /// Takes the remaining steps of the epoch, continuing in the data epoch where the last one stopped.
  ///
  /// - Returns: whether all were taken; otherwise the time is over, and the state was handed out.
  private func train(
    _ clock: EpochClock, _ policy: CheckpointPolicy?, _ observe: (TrainingEvent) throws -> Void
  ) throws -> Bool {
    var (loss, correct, samples) = (log.samples.loss, Double(log.samples.correct), log.samples.count)
    let steps = stepsPerEpoch
    while position.epochStep < steps {
      let (sums, count) = try takeStep()
      if isRoot {
        loss += Double(sums.loss)
        correct += Double(sums.correct)
        samples += count
        try observe(
          .stepped(
            StepProgress(
              epoch: position.epoch, epochs: configuration.epochs, step: position.epochStep, steps: steps,
              loss: loss / Double(samples), accuracy: correct / Double(samples), samples: samples,
              seconds: clock.seconds)))
      }
      // What is due at the epoch's end comes with the validation in it.
      guard let policy, position.epochStep < steps else { continue }
      if sums.stops || sums.isOvertime || policy.isDue(step: position.stepsTaken) {
        log.seconds = clock.seconds
        try checkpoint(observe)
      }
      if sums.stops { try endIfStopped(policy) }
      if sums.isOvertime { return false }
    }
    log.seconds = clock.seconds
    if isRoot { try observe(.validating) }
    return true
  }

  private func takeStep() throws -> (sums: TrainingStep.BatchSums, samples: Int) {
    if position.dataEpochStep == sampler.stepsPerDataEpoch {
      position.dataEpoch += 1
      position.dataEpochStep = 0
      sampler.startDataEpoch(position.dataEpoch)
    }
    let batch = sampler.plan(step: position.dataEpochStep)
    let rows = sampler.rows(step: position.dataEpochStep)
    verification.position = position
    let sums = try takeStep(batch, rows)
    if sums.isCorrupted { try verification.check(readsTables: false, best: best) }
    if !sums.isFinite {
      let nonFinite = try NonFiniteBatch(
        communicator, loss: sums.loss, faults: step.faults, rows: rows, losses: history.lastLosses(rows.count))
      throw nonFinite.failure(
        epoch: position.epoch, step: position.epochStep + 1, source: trainingSource, configuration: configuration)
    }
    history.endStep(counts: batch.counts)
    position.dataEpochStep += 1
    position.epochStep += 1
    position.stepsTaken += 1
    return (sums, batch.samples)
  }

  private func takeStep(_ batch: BatchPlan, _ rows: ArraySlice<Int32>) throws -> TrainingStep.BatchSums {
    if var observer = recomputation.observer(of: sampler, at: position, best: best) {
      return try step.take(batch, rows: rows, dataEpoch: position.dataEpoch, history: &history, observer: &observer)
    }
    var observer = NoObserver()
    return try step.take(batch, rows: rows, dataEpoch: position.dataEpoch, history: &history, observer: &observer)
  }

  /// Whether the time is over, by any worker's clock. Collective.
  private func isTimeOver(_ policy: CheckpointPolicy?) throws -> Bool {
    guard let policy, policy.deadline != nil else { return false }
    return try communicator.allReduce(policy.isOvertime ? 1 : 0, .maximum) == 1
  }

  /// Hands out the state as it is now. Collective.
  private func checkpoint(_ observe: (TrainingEvent) throws -> Void) throws {
    try history.fold(into: &log.samples, communicator)
    let vectors = try step.gatherVectors(communicator)
    // Nothing is written that is not in order. The rows were just looked at where an epoch ends.
    verification.position = position
    try verification.check(readsTables: position.epochStep > 0, best: best)
    _ = try communicator.onRoot {
      guard let vectors else { return }
      try observe(.checkpoint(TrainingState(position: position, log: log, vectors: vectors, best: best)))
    }
    verification.lastCheckpoint = position
  }

  /// Ends the run if any worker was asked to stop, also one that has no part in the steps. Collective.
  private func endIfStopped(_ policy: CheckpointPolicy?) throws {
    guard let policy else { return }
    let signal = try communicator.allReduce(policy.stop.signal, .maximum)
    if signal != 0 { throw TrainingInterrupted(signal: signal, position: position) }
  }
}
