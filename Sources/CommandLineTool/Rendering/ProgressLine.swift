import Platform
import Training

/// The line of an epoch: the fullest of some texts that fits the terminal, and a bar where there is room beside it.
struct ProgressLine {
  private static let barWidth = 20

  private let progress: StepProgress
  private let isUnicode: Bool

  /// - Parameter isUnicode: whether the bar may have characters beyond ASCII.
  init(_ progress: StepProgress, isUnicode: Bool) {
    self.progress = progress
    self.isUnicode = isUnicode
  }

  /// The line while the epoch runs, in at most that many columns.
  func running(note: String, columns: Int) -> String {
    let means = "loss: \(progress.loss.fixed(4)) - accuracy: \(progress.accuracy.fixed(4))"
    return fitted(
      [
        " \(note) - \(rate(progress.seconds)) - \(means)", " \(note) - \(means)", " \(note) - " + Self.short(means),
        " " + Self.shortest(means), "",
      ], columns)
  }

  /// The line of an epoch that has ended, in at most that many columns.
  func ended(_ record: EpochRecord, columns: Int) -> String {
    let seconds = " \(record.epochSeconds.fixed(1))s - "
    let means = Self.means(record)
    return fitted(
      [
        whole(record), seconds + means, seconds + Self.short(means), " " + Self.shortest(means),
        " val_loss \(record.validation.loss.fixed(4)) val_acc \(record.validation.accuracy.fixed(4))",
        " val_acc \(record.validation.accuracy.fixed(4))", "",
      ], columns)
  }

  /// All there is to say about an epoch that has ended.
  func whole(_ record: EpochRecord) -> String {
    " \(record.epochSeconds.fixed(1))s - \(rate(record.trainSeconds)) - " + Self.means(record)
  }

  private static func means(_ record: EpochRecord) -> String {
    "loss: \(record.training.loss.fixed(4)) - accuracy: \(record.training.accuracy.fixed(4)) - "
      + "val_loss: \(record.validation.loss.fixed(4)) - val_accuracy: \(record.validation.accuracy.fixed(4))"
  }

  private static func short(_ means: String) -> String { means.replacing("accuracy", with: "acc") }

  private static func shortest(_ means: String) -> String {
    short(means).replacing(" - ", with: " ").replacing(": ", with: " ")
  }

  private func rate(_ seconds: Double) -> String {
    "\(seconds > 0 ? (Double(progress.samples) / seconds).fixed(0) : "?") samples/s"
  }

  /// `412/858`, a bar as far as there is room, and the fullest text that fits.
  private func fitted(_ texts: [String], _ columns: Int) -> String {
    let total = String(progress.steps)
    let steps = String(progress.step).right(total.count) + "/" + total
    let text = texts.first { steps.count + $0.count <= columns } ?? ""
    let width = min(Self.barWidth, columns - text.count - steps.count - 1)
    guard width >= 4 else { return String((steps + text).prefix(max(0, columns))) }
    let done = progress.step * width / progress.steps
    let (full, empty) = isUnicode ? ("━", "─") : ("=", "-")
    return steps + " " + String(repeating: full, count: done) + String(repeating: empty, count: width - done) + text
  }
}
