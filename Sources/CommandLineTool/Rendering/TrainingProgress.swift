import Platform
import Runs
import Training

/// Shows a run as users of Keras know it: on a terminal a line with a bar that is redrawn, elsewhere one line per epoch.
final class TrainingProgress: TrainingReport {
  /// Seconds between two redraws of the line.
  private static let redrawInterval = 0.1
  private let console: Console
  private let output: ProgressOutput
  private let isQuiet: Bool
  private let stillHere: () -> Void
  private let keep: TrainingConfiguration.Keep
  private var latest: StepProgress?
  /// The columns of the line that is being redrawn; 0 where there is none.
  private var drawn = 0
  private var nextRedraw = 0.0
  private var shownEpoch = 0

  /// - Parameters:
  ///   - keep: which epoch's weights are the result.
  ///   - isQuiet: whether to show nothing but the result.
  ///   - stillHere: tells the watchdog, while the last lines are waited for, that nothing has stalled.
  init(
    _ console: Console, keep: TrainingConfiguration.Keep, isQuiet: Bool, stillHere: @escaping () -> Void
  ) {
    self.console = console
    self.keep = keep
    output = ProgressOutput(console)
    self.isQuiet = isQuiet
    self.stillHere = stillHere
  }

  func begins(in folder: String) {}

  func saved(_ state: TrainingState, path: String) {}

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

  /// Writes a line, or as many as it takes on a terminal.
  private func line(_ text: String = "") throws {
    drawn = 0
    try output.write((console.isTerminal ? text.folded(console.columns) : text) + "\n")
  }

  /// Seconds that the last lines may take: a terminal that was stopped may stay so forever.
  private static let patience = 10

  /// Waits until what was said is written, if somebody takes it.
  func finishWriting() throws { try output.finish(within: Self.patience, tick: stillHere) }

  /// Leaves the line that was being redrawn, for a message on standard error.
  func interrupted(_ interruption: TrainingInterrupted, checkpoint: String?) throws {
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
  func finished(_ outcome: TrainingOutcome, best: EpochRecord?, model: String) throws {
    if let best {
      try line(
        "\(keep == .best ? "Best" : "Last") epoch: \(outcome.bestEpoch) of \(outcome.epochs), val_loss: \(best.validation.loss.fixed(4)), "
          + "val_accuracy: \(best.validation.accuracy.fixed(4))")
    } else {
      try line("No epoch was complete: these weights were not validated.")
    }
    try output.write("Model: \(foreign(model))\n")
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
    let columns = console.columns
    let text = ProgressLine(latest, isUnicode: console.isUnicode).running(note: note, columns: columns - 1)
    try output.write(clearing(columns) + text)
    drawn = text.columns
  }

  /// What takes away the line that is being redrawn. Where the terminal has become narrower, it broke the line, and its beginning
  /// is some lines above.
  private func clearing(_ columns: Int) -> String {
    let above = (drawn - 1) / columns
    return drawn > columns ? "\r\u{1B}[\(above)A\u{1B}[J" : "\r\u{1B}[2K"
  }

  private func show(_ record: EpochRecord) throws {
    guard let latest else { return }
    let text = ProgressLine(latest, isUnicode: console.isUnicode)
    if console.isTerminal {
      let columns = console.columns
      try output.write(clearing(columns) + text.ended(record, columns: columns - 1) + "\n")
      drawn = 0
    } else {
      try line("Epoch \(latest.epoch)/\(latest.epochs) - \(latest.step)/\(latest.steps) -" + text.whole(record))
    }
  }
}
