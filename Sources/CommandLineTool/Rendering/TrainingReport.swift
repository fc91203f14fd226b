import Platform
import Runs
import Training

/// Who tells users of a run: as text (`TrainingProgress`) or as JSON (`TrainingLines`). On rank 0 alone.
protocol TrainingReport: AnyObject {
  /// The run folder is ready.
  func begins(in folder: String)
  /// Says where a run continues, or that it has ended.
  func announce(_ run: Run) throws
  /// Tells an event.
  func show(_ event: TrainingEvent) throws
  /// A checkpoint is on the disk.
  func saved(_ state: TrainingState, path: String) throws
  /// The run was stopped.
  func interrupted(_ interruption: TrainingInterrupted, checkpoint: String?) throws
  /// The run has ended.
  func finished(_ outcome: TrainingOutcome, best: EpochRecord?, model: String) throws
  /// Waits until what was said is written, if somebody takes it.
  func finishWriting() throws
}

/// A run as JSON, one object for each event; numbers are called as in metrics.csv.
final class TrainingLines: TrainingReport {
  private let lines: JSONLines
  private let configuration: TrainingConfiguration
  private let isQuiet: Bool
  private let stillHere: () -> Void
  private let began = ContinuousClock.now
  private var folder: String?
  private var latest: StepProgress?

  /// - Parameters:
  ///   - isQuiet: whether to tell nothing but the end.
  ///   - stillHere: tells the watchdog, while the last lines are waited for, that nothing has stalled.
  init(_ lines: JSONLines, _ configuration: TrainingConfiguration, isQuiet: Bool, stillHere: @escaping () -> Void) {
    self.lines = lines
    self.configuration = configuration
    self.isQuiet = isQuiet
    self.stillHere = stillHere
  }

  func begins(in folder: String) { self.folder = folder }

  private func write(_ event: String, _ fields: [JSONLines.Field]) throws {
    if !isQuiet { try lines.write(event, fields) }
  }

  func announce(_ run: Run) throws {
    switch run.start {
    case .fresh: break
    case .resumed(let state, let path):
      try write(
        "resume", [("checkpoint", path), ("epoch", state.position.epoch), ("step", state.position.stepsTaken)])
    case .finished(let outcome):
      try lines.write(
        "end",
        [
          ("exit_code", 0), ("epochs", outcome.epochs), ("best_epoch", outcome.bestEpoch),
          ("val_loss", outcome.validationLoss), ("val_accuracy", outcome.validationAccuracy),
          ("model", run.path + "/" + RunFolder.File.model.rawValue),
        ])
    }
  }

  func show(_ event: TrainingEvent) throws {
    switch event {
    case .started(let summary):
      try write(
        "start",
        [
          ("version", ProgramVersion.text), ("run", folder), ("epochs", configuration.epochs),
          ("steps_per_epoch", summary.stepsPerEpoch), ("training_rows", summary.trainingRows),
          ("validation_rows", summary.validationRows), ("workers", summary.workers),
        ])
    case .stepped(let progress): latest = progress
    case .validating, .checkpoint: break
    case .epochEnded(let record): try show(record)
    case .stoppedEarly(let epoch, let monitor, let epochs):
      try write("stop", [("reason", "patience"), ("epoch", epoch), ("monitor", monitor), ("patience", epochs)])
    case .rateReduced(let rate, let monitor, let epochs):
      try write("rate", [("learning_rate", rate), ("monitor", monitor), ("patience", epochs)])
    case .timeIsOver(let position):
      try write("stop", [("reason", "max_time"), ("epoch", position.epoch), ("step", position.stepsTaken)])
    }
  }

  private func show(_ record: EpochRecord) throws {
    let rate = latest.flatMap { record.trainSeconds > 0 ? Double($0.samples) / record.trainSeconds : nil }
    try write(
      "epoch",
      [
        ("epoch", record.epoch), ("loss", record.training.loss), ("accuracy", record.training.accuracy),
        ("val_loss", record.validation.loss), ("val_accuracy", record.validation.accuracy),
        ("learning_rate", record.learningRate), ("train_seconds", record.trainSeconds),
        ("epoch_seconds", record.epochSeconds), ("samples_per_second", rate),
        ("parameters_sha256", record.parametersSHA256),
      ])
    guard configuration.keep == .best, record.isBest else { return }
    let monitor = configuration.monitor
    try write("best", [("epoch", record.epoch), ("monitor", monitor), ("value", record.value(of: monitor))])
  }

  func saved(_ state: TrainingState, path: String) throws {
    let position = state.position
    let epoch = position.epochStep == 0 ? position.epoch - 1 : position.epoch
    try write("checkpoint", [("epoch", epoch), ("step", position.stepsTaken), ("checkpoint", path)])
  }

  func interrupted(_ interruption: TrainingInterrupted, checkpoint: String?) throws {
    try write(
      "stop",
      [
        ("reason", "signal"), ("signal", StopSignals.name(interruption.signal)), ("epoch", interruption.position.epoch),
        ("step", interruption.position.stepsTaken), ("checkpoint", checkpoint),
      ])
    try finishWriting()
  }

  func finished(_ outcome: TrainingOutcome, best: EpochRecord?, model: String) throws {
    try lines.write(
      "end",
      [
        ("exit_code", 0), ("epochs", outcome.epochs), ("best_epoch", outcome.bestEpoch),
        ("val_loss", best?.validation.loss), ("val_accuracy", best?.validation.accuracy), ("model", model),
        ("seconds", (ContinuousClock.now - began).seconds),
      ])
    try finishWriting()
  }

  func finishWriting() throws { try lines.finish(tick: stillHere) }
}
