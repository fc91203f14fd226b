import Checkpoints
import Communication
import NeuralNet

/// The outcome of a run, known to every worker.
public struct TrainingOutcome: Sendable {
  /// The parameters of the best epoch, by validation loss.
  public let parameters: [Float]
  /// The best epoch, from 1.
  public let bestEpoch: Int
  /// The epochs that were trained.
  public let epochs: Int
}

/// Trains the network on the data: one worker's part of it. All workers make one with the same arguments and call `run`.
public final class Trainer {
  private let configuration: TrainingConfiguration
  private let communicator: any Communicator
  private let data: TrainingData
  private let step: TrainingStep
  private let evaluator: Evaluator
  private var sampler: any Sampler
  private var pass = 0
  private var passStep = 0
  private var history = EpochHistory()

  /// Loads the data and lays everything out. Collective.
  ///
  /// - Parameter initialParameters: the weights to begin with, as `NetworkDefinition.layout` orders them; only rank 0's
  ///   are taken.
  public init(
    _ configuration: TrainingConfiguration, sources: DataSources, initialParameters: [Float],
    _ communicator: any Communicator
  ) throws {
    self.configuration = configuration
    self.communicator = communicator
    let data = try TrainingData(sources, configuration, communicator)
    self.data = data
    let sampler = try communicator.agree { try data.sampler(configuration) }
    self.sampler = sampler
    step = try TrainingStep(
      communicator, table: data.training, configuration: configuration, chunksPerWorker: sampler.chunksPerWorker,
      stepsPerEpoch: configuration.stepsPerEpoch ?? sampler.stepsPerPass)
    evaluator = Evaluator(
      communicator, table: data.validation, rows: data.validationRows, preprocessing: configuration.preprocessing)
    try step.distribute(communicator.rank == 0 ? initialParameters : nil)
    self.sampler.startPass(0)
  }

  /// What the run trains on.
  public var summary: DataSummary {
    let runs = sampler.layout(step: 0).plan.runs
    let order = communicator.topology.order
    return DataSummary(
      trainingRows: data.totalTrainingRows, validationRows: data.totalValidationRows, stepsPerEpoch: stepsPerEpoch,
      workers: communicator.size, idleRanks: order.indices.filter { runs[$0].isEmpty }.map { order[$0] })
  }

  private var isRoot: Bool { communicator.rank == 0 }

  private var stepsPerEpoch: Int { configuration.stepsPerEpoch ?? sampler.stepsPerPass }

  /// Trains until the last epoch or until rank 0 stops early. Collective.
  ///
  /// - Parameter observe: called on rank 0 only; an error that it throws ends the run on all ranks.
  public func run(observe: (TrainingEvent) throws -> Void) throws -> TrainingOutcome {
    var stopping = EarlyStopping(patience: configuration.patience, keepsLast: configuration.keep == .last)
    var best = step.copyParameters()
    var epochs = 0
    try communicator.agree { if isRoot { try observe(.started(summary)) } }
    while epochs < configuration.epochs {
      epochs += 1
      let clock = ContinuousClock.now
      try train(epoch: epochs, since: clock, observe: observe)
      let trainSeconds = (ContinuousClock.now - clock).seconds
      let training = try history.means(communicator)
      let parameters = try step.parametersToEvaluate(communicator)
      let validation = try evaluator.evaluate(parameters)?.means
      try agreeOnParameters()
      let hash = parameters.withUnsafeBufferPointer { Self.digest($0.baseAddress) }
      var decision: EarlyStopping.Decision?
      try communicator.agree {
        guard let training, let validation else { return }
        let made = stopping.epochEnded(epochs, validationLoss: validation.loss)
        decision = made
        if made.keepsWeights { best = parameters }
        try observe(
          .epochEnded(
            EpochRecord(
              epoch: epochs, training: training, validation: validation,
              learningRate: step.schedule.rate(step: epochs * stepsPerEpoch), trainSeconds: trainSeconds,
              epochSeconds: (ContinuousClock.now - clock).seconds,
              parametersSHA256: hash.description, isBest: made.keepsWeights)))
        if made.stops { try observe(.stoppedEarly(epoch: epochs)) }
      }
      if try communicator.broadcast(decision?.stops == true) { break }
    }
    // Everyone ends with the best epoch's weights.
    try step.distribute(isRoot ? best : nil)
    let bestEpoch = try communicator.broadcast(fromRoot: [stopping.bestEpoch ?? 0], root: 0)[0]
    return TrainingOutcome(parameters: step.copyParameters(), bestEpoch: bestEpoch, epochs: epochs)
  }

  /// Takes an epoch's steps, going on in the pass where the last epoch stopped.
  private func train(
    epoch: Int, since start: ContinuousClock.Instant, observe: (TrainingEvent) throws -> Void
  ) throws {
    history.removeAll()
    var (loss, correct, samples) = (0.0, 0.0, 0)
    let steps = stepsPerEpoch
    for number in 1...steps {
      if passStep == sampler.stepsPerPass {
        pass += 1
        passStep = 0
        sampler.startPass(pass)
      }
      let layout = sampler.layout(step: passStep)
      let sums = try step.take(layout, rows: sampler.rows(step: passStep), pass: pass, history: &history)
      history.endStep(counts: layout.counts)
      passStep += 1
      guard isRoot else { continue }
      loss += Double(sums.loss)
      correct += Double(sums.correct)
      samples += layout.samples
      try observe(
        .stepped(
          StepProgress(
            epoch: epoch, epochs: configuration.epochs, step: number, steps: steps, loss: loss / Double(samples),
            accuracy: correct / Double(samples), samples: samples,
            seconds: (ContinuousClock.now - start).seconds)))
    }
    if isRoot { try observe(.validating) }
  }

  private static func digest(_ parameters: UnsafePointer<Float>?) -> SHA256Digest {
    SHA256Digest(
      of: UnsafeRawBufferPointer(start: parameters, count: NetworkDefinition.layout.count * MemoryLayout<Float>.stride))
  }

  /// Compares the parameters of all ranks, which must be the same: silent divergence is an error. Collective.
  private func agreeOnParameters() throws {
    let digest = Self.digest(step.parameters)
    let digests = try communicator.allGather(digest.bytes)
    if let other = digests.firstIndex(where: { $0 != digests[0] }) {
      throw Failure(
        .software,
        "the parameters of rank \(other) differ from those of rank 0: the ranks no longer train the same model. "
          + (configuration.allReduce == .canonical
            ? "Check that all run the same build on sound hardware"
            : "This all-reduce does not leave the same bits with all of them; take --all-reduce canonical"),
        isCollective: true)
    }
  }
}

extension Duration {
  /// The duration in seconds.
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}

extension Communicator {
  /// Rank 0's decision, for all.
  func broadcast(_ decision: Bool) throws -> Bool {
    try broadcast(fromRoot: [UInt8(decision ? 1 : 0)], root: 0)[0] == 1
  }
}
