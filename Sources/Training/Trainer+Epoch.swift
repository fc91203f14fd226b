import Communication
import NeuralNet
import Platform

// What happens between two epochs.
extension Trainer {
  /// Validates, lets rank 0 decide, and begins the next epoch.
  ///
  /// - Returns: whether training stops early.
  func endEpoch(_ clock: EpochClock, _ observe: (TrainingEvent) throws -> Void) throws -> Bool {
    try history.fold(into: &log.samples, communicator)
    let parameters = try step.parametersToEvaluate(communicator)
    let evaluation = try evaluator.evaluate(parameters)
    verification.position = position
    try verification.check(
      readsTables: true, best: best, evaluated: step.average == nil ? parameters : nil)
    try verification.agree(evaluated: parameters)
    let hash = parameters.withUnsafeBufferPointer { digest($0.baseAddress) }
    let epoch = position.epoch
    try communicator.agree {
      guard let evaluation else { return }
      let validation = evaluation.means
      let training = log.samples.means
      let value = configuration.monitor.value(training: training, validation: validation)
      let decision = log.stopping.epochEnded(epoch, value: value)
      if decision.keepsWeights { (best, bestEvaluation) = (parameters, evaluation) }
      let record = EpochRecord(
        epoch: epoch, training: training, validation: validation,
        learningRate: step.schedule.rate(step: position.stepsTaken), trainSeconds: log.seconds,
        epochSeconds: clock.seconds, parametersSHA256: hash.description, isBest: decision.keepsWeights)
      log.epochs.append(record)
      try observe(.epochEnded(record))
      try decide(record, observe)
    }
    log.samples = MeanSum()
    log.seconds = 0
    position.epoch += 1
    position.epochStep = 0
    try takeRate()
    return try communicator.broadcast(log.stopping.isOver)
  }

  /// What rank 0 makes of an epoch: an end, or another learning rate.
  private func decide(_ record: EpochRecord, _ observe: (TrainingEvent) throws -> Void) throws {
    let reduced = log.plateau?.epochEnded(value: record.value(of: configuration.monitor)) ?? nil
    if log.stopping.isOver {
      let (monitor, wait) = (log.stopping.monitor, log.stopping.wait)
      try observe(.stoppedEarly(epoch: record.epoch, monitor: monitor, without: wait))
    } else if let plateau = log.plateau, let reduced {
      try observe(.rateReduced(rate: plateau.rate, monitor: plateau.monitor, without: reduced))
    }
  }

  /// Takes rank 0's learning rate, where the schedule is a plateau. Collective.
  func takeRate() throws {
    guard configuration.schedule == .plateau else { return }
    step.schedule.peak = try communicator.broadcast(fromRoot: [log.plateau?.rate ?? 0], root: 0)[0]
  }

  private func digest(_ parameters: UnsafePointer<Float>?) -> SHA256Digest {
    SHA256Digest(
      of: UnsafeRawBufferPointer(start: parameters, count: step.layout.count * MemoryLayout<Float>.stride))
  }
}

/// The seconds of an epoch, in which an interruption does not count.
struct EpochClock {
  /// The seconds before this part of it.
  let before: Double
  private let start = ContinuousClock.now

  init(before: Double) { self.before = before }

  var seconds: Double { before + (ContinuousClock.now - start).seconds }
}
