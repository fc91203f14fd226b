import Platform
import Runs
import Training

/// The head of a report: whose it is, the result in a sentence, and the numbers that one looks for first.
struct ReportHeader {
  let record: RunRecord
  let results: ClassResults?

  var html: String {
    """
    <header>
    <p class="eyebrow">Fingerspell run report</p>
    <h1 data-varies>Run <code>\(escaped(record.name))</code></h1>
    <p class="quiet" data-varies>\(facts)</p>
    \(notice)<p class="lead">\(sentence)</p>
    <dl class="cards">
    \(cards.joined(separator: "\n"))
    </dl>
    </header>
    """
  }

  private var facts: String {
    let run = record.description
    let machine = run.machine
    let workers =
      machine.workers == 1 ? "1 worker" : "\(machine.workers) \(machine.kind)"
    return ["recipe \(run.recipe)", "seed \(run.configuration.seed)", "\(workers) on \(machine.cpu)", day]
      .map { escaped($0) }.joined(separator: " · ")
  }

  /// The day of the start: the date of its ISO 8601 text.
  private var day: String { String(record.description.started.prefix(10)) }

  /// What a run says that has not ended.
  private var notice: String {
    let epochs = record.description.configuration.epochs
    let trained = record.epochs.count
    if record.absences.contains(.outcome) {
      let state =
        switch trained {
        case 0: "No epoch is complete."
        case 1: "1 epoch of at most \(grouped(epochs)) is complete; what follows is the state after it."
        default:
          "\(grouped(trained)) epochs of at most \(grouped(epochs)) are complete; what follows is the state after the last of them."
        }
      return """
        <p class="notice" role="note"><strong>This run was stopped, or is still training.</strong> \(state)</p>

        """
    }
    guard record.description.outcome?.isOvertime == true else { return "" }
    return """
      <p class="notice" role="note"><strong>The time of this run was over</strong> after \(counted(trained, "epoch")) of at most \
      \(grouped(epochs)).</p>

      """
  }

  private var sentence: String {
    guard let results, results.rows > 0 else {
      guard let best = record.best else { return "There is nothing to show of it yet." }
      return "It reads \(percent(best.validationAccuracy)) of the validation images correctly."
    }
    let kind = record.examination == nil ? "test" : "validation"
    let right = results.rows - results.misread
    guard let mistake = results.mistakes.first else {
      return "It reads all \(grouped(results.rows)) \(kind) images correctly."
    }
    let worst = results.worstFirst[0]
    return """
      It reads \(grouped(right)) of \(grouped(results.rows)) \(kind) images correctly. Its commonest mistake is to take \
      <strong>\(escaped(results.name(mistake.label)))</strong> for <strong>\(escaped(results.name(mistake.prediction)))</strong>; the class \
      that it knows worst is <strong>\(escaped(results.name(worst)))</strong>, of which it reads \(percent(results.recall(worst) ?? .nan, 0)).
      """
  }

  private var cards: [String] {
    var cards: [String] = []
    let kind = record.examination == nil && record.best == nil ? "test" : "validation"
    if let accuracy = record.examination?.accuracy ?? record.best?.validationAccuracy ?? record.test?.accuracy {
      let loss = record.examination?.loss ?? record.best?.validationLoss ?? record.test?.loss ?? .nan
      cards.append(card(percent(accuracy), "\(kind) accuracy", "loss \(decimal(loss, 4))", isFirst: true))
    }
    if let results {
      cards.append(card(grouped(results.misread), "images misread", "of \(grouped(results.rows))"))
    }
    if let best = record.bestEpoch {
      let keep = record.description.configuration.keep == .last ? "last epoch" : "best epoch"
      cards.append(card("\(best)", keep, "of \(grouped(record.epochs.count)) trained"))
    }
    if !record.epochs.isEmpty {
      let seconds = record.epochs.reduce(0) { $0 + $1.seconds }
      let each = duration(seconds / Double(record.epochs.count))
      cards.append(card(units(duration(seconds)), "training time", "\(each) per epoch", varies: true))
    }
    if let results, let mistake = results.mistakes.first {
      let pair =
        "\(escaped(results.name(mistake.label)))<span aria-hidden=\"true\"> → </span><span class=\"unseen\"> read as </span>\(escaped(results.name(mistake.prediction)))"
      let share = Double(mistake.count) / Double(max(1, results.support(mistake.label)))
      let isLong = results.name(mistake.label).count + results.name(mistake.prediction).count > 8
      cards.append(
        card(
          isLong ? "<span class=\"long\">\(pair)</span>" : pair, "commonest mistake",
          "\(counted(mistake.count, "image")), \(percent(share, 0)) of \(escaped(results.name(mistake.label)))"))
    }
    return cards
  }

  /// A duration whose units are small.
  private func units(_ text: String) -> String {
    ["h", "min", "s"].reduce(text) { $0.replacing("\u{A0}\($1)", with: "<small>\u{A0}\($1)</small>") }
  }

  private func card(
    _ number: String, _ name: String, _ note: String, isFirst: Bool = false, varies: Bool = false
  ) -> String {
    """
    <div class="card\(isFirst ? " first" : "")"\(varies ? " data-varies" : "")><dt>\(name)</dt><dd class="number">\(number)</dd>\
    <dd class="quiet">\(note)</dd></div>
    """
  }
}
