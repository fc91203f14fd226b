import Platform
import Runs
import Training

/// Shows a run as users of Keras know it: on a terminal a line with a bar that is redrawn, elsewhere one line per epoch.
final class TrainingProgress {
  /// Seconds between two redraws of the line.
  private static let redrawInterval = 0.1
  private static let barWidth = 20

  private let console: Console
  private let output: ProgressOutput
  private let isQuiet: Bool
  private let stillHere: () -> Void
  private var latest: StepProgress?
  private var nextRedraw = 0.0
  private var shownEpoch = 0

  /// - Parameters:
  ///   - isQuiet: whether to show nothing but the result.
  ///   - stillHere: tells the watchdog, while the last lines are waited for, that nothing has stalled.
  init(_ console: Console, isQuiet: Bool = false, stillHere: @escaping () -> Void = {}) {
    self.console = console
    output = ProgressOutput(console)
    self.isQuiet = isQuiet
    self.stillHere = stillHere
  }

  /// Says where a run begins or continues, or that it has ended.
  func announce(_ run: Run) throws {
    switch run.start {
    case .fresh where isQuiet, .resumed where isQuiet: break
    case .fresh:
      // Where an earlier run is moved aside, a warning says so.
      if try !run.losesProgress { try line("No checkpoint in \(foreign(run.path)): starting from the beginning.") }
    case .resumed(let state, let path):
      try line("Resuming \(state.position), from \(foreign(path))")
      if let change = run.lengthChange {
        try line("The run had \(Self.length(change.earlier)); it continues with \(Self.length(change.here)).")
      }
    case .finished(let outcome):
      try line(
        "The run in \(foreign(run.path)) is finished: best epoch \(outcome.bestEpoch) of \(outcome.epochs), val_loss: "
          + "\((outcome.validationLoss ?? .nan).fixed(4)), val_accuracy: \((outcome.validationAccuracy ?? .nan).fixed(4))"
      )
    }
  }

  private static func length(_ configuration: TrainingConfiguration) -> String {
    "--epochs \(configuration.epochs) --patience \(configuration.patience.map { "\($0)" } ?? "none")"
  }

  private func line(_ text: String = "") throws { try output.write(text + "\n") }

  /// Seconds that the last lines may take: a terminal that was stopped may stay so forever.
  private static let patience = 10

  /// Waits until what was said is written, if somebody takes it.
  func finishWriting() throws { try output.finish(within: Self.patience, tick: stillHere) }

  /// Leaves the line that was being redrawn, for a message on standard error.
  func interrupted() throws {
    if console.isTerminal, latest != nil { try line() }
    try finishWriting()
  }

  /// Shows an event. A step costs a comparison of its time, unless the line is due.
  func show(_ event: TrainingEvent) throws {
    if isQuiet { return }
    switch event {
    case .started(let summary): try line(text(summary))
    case .stepped(let progress): try show(progress)
    case .validating: try redraw(note: "validating")
    case .epochEnded(let record): try show(record)
    case .checkpoint: break
    case .stoppedEarly(_, let monitor, let epochs):
      try line("Stopped early: \(monitor.rawValue) has not improved for \(epochs) epochs.")
    case .rateReduced(let rate, let monitor, let epochs):
      try line(
        "Learning rate reduced to \(rate.plain): \(monitor.rawValue) has not improved for \(counted(epochs, "epoch")).")
    case .timeIsOver(let position):
      if console.isTerminal, position.epochStep > 0 { try line() }
      try line(
        "The time is over \(position). A checkpoint is written: to train on, repeat the same command with --resume.")
    }
  }

  /// The last lines of a run.
  func finished(
    _ outcome: TrainingOutcome, _ keep: TrainingConfiguration.Keep, best: EpochRecord?, model: String
  ) throws {
    guard let best else {
      try line("No epoch was complete: these weights were not validated.\nModel: \(foreign(model))")
      return try finishWriting()
    }
    try line(
      "\(keep == .best ? "Best" : "Last") epoch: \(outcome.bestEpoch) of \(outcome.epochs), val_loss: \(best.validation.loss.fixed(4)), "
        + "val_accuracy: \(best.validation.accuracy.fixed(4))\nModel: \(foreign(model))")
    try finishWriting()
  }

  private func text(_ summary: DataSummary) -> String {
    let workers = summary.workers == 1 ? "1 worker" : "\(summary.workers) workers"
    return "Training on \(summary.trainingRows) rows, validating on \(summary.validationRows), "
      + "\(counted(summary.stepsPerEpoch, "step")) per epoch, \(workers)"
  }

  private func show(_ progress: StepProgress) throws {
    if progress.epoch != shownEpoch {
      shownEpoch = progress.epoch
      nextRedraw = 0
      if console.isTerminal { try line("Epoch \(progress.epoch)/\(progress.epochs)") }
    }
    latest = progress
    guard progress.seconds >= nextRedraw else { return }
    nextRedraw = progress.seconds + Self.redrawInterval
    let left = progress.seconds / Double(progress.step) * Double(progress.steps - progress.step)
    try redraw(note: "\(minutesAndSeconds(left)) left")
  }

  private func redraw(note: String) throws {
    guard console.isTerminal, output.isFlowing, let latest else { return }
    let columns = console.columns - 1
    let text = " \(note) - \(Self.rate(latest)) - \(Self.means(latest.loss, latest.accuracy))"
    try output.write("\r\u{1B}[2K" + String((bar(latest, beside: text, columns: columns) + text).prefix(columns)))
  }

  private func show(_ record: EpochRecord) throws {
    guard let latest else { return }
    let texts = Self.texts(record, latest)
    if console.isTerminal {
      let columns = console.columns - 1
      // The fullest that fits beside the number of steps.
      let room = columns - 2 * String(latest.steps).count - 1
      let text = texts.first { $0.count <= room } ?? texts[texts.count - 1]
      try line("\r\u{1B}[2K" + bar(latest, beside: text, columns: columns) + text)
    } else {
      try line("Epoch \(latest.epoch)/\(latest.epochs) - \(latest.step)/\(latest.steps) -" + texts[0])
    }
  }

  /// What there is to say about an epoch, from everything to what fits a narrow terminal.
  private static func texts(_ record: EpochRecord, _ latest: StepProgress) -> [String] {
    let seconds = " \(record.epochSeconds.fixed(1))s - "
    let (training, validation) = (record.training, record.validation)
    let means =
      Self.means(training.loss, training.accuracy) + " - val_loss: \(validation.loss.fixed(4)) - val_accuracy: "
    let whole = means + validation.accuracy.fixed(4)
    let short = whole.replacing("accuracy", with: "acc")
    return [
      seconds + "\(rate(latest, seconds: record.trainSeconds)) - " + whole, seconds + whole, seconds + short,
      " " + short.replacing(" - ", with: " ").replacing(": ", with: " "),
    ]
  }

  /// `412/858` and, as far as there is room beside the text, a bar.
  private func bar(_ progress: StepProgress, beside text: String, columns: Int) -> String {
    let total = String(progress.steps)
    let steps = String(progress.step).right(total.count) + "/" + total
    let width = min(Self.barWidth, columns - text.count - steps.count - 1)
    guard width >= 4 else { return steps }
    let done = progress.step * width / progress.steps
    return steps + " " + String(repeating: "━", count: done) + String(repeating: "─", count: width - done)
  }

  private static func rate(_ progress: StepProgress, seconds: Double? = nil) -> String {
    let seconds = seconds ?? progress.seconds
    return "\(seconds > 0 ? (Double(progress.samples) / seconds).fixed(0) : "?") samples/s"
  }

  private static func means(_ loss: Double, _ accuracy: Double) -> String {
    "loss: \(loss.fixed(4)) - accuracy: \(accuracy.fixed(4))"
  }
}
