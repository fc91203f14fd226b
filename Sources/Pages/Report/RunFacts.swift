import Platform
import Runs
import Training

/// What is needed to repeat a run, where it ran and how long that took, and what the report does not have.
struct RunFacts {
  let record: RunRecord

  private var run: RunDescription { record.description }

  var html: String {
    """
    <section aria-labelledby="facts"><h2 id="facts">How to repeat it</h2>
    <pre class="card command" data-varies><code>\(escaped(command(run.command)))</code></pre>
    <div class="columns three">
    <div class="card">
    \(table("Data", data))
    </div>
    <div class="card">
    \(table("Result", result))
    </div>
    <div class="card">
    \(table("Machine and time", machine, varies: true))
    </div>
    </div>
    <div class="card gap"><h3>Hyperparameters</h3>
    \(hyperparameters)
    </div>
    \(missing)</section>
    """
  }

  private typealias Fact = (name: String, value: String)

  private var data: [Fact] {
    let examination = record.examination
    var facts = [source("training", run.trainingData, rows: examination?.trainingRows)]
    if let validation = run.validationData {
      facts.append(source("validation", validation, rows: examination?.rows))
    } else {
      let share = run.configuration.validationSplit.map { " the last \(percent($0, 0)) of" } ?? ""
      let rows = examination.map { ", \(grouped($0.rows)) rows" } ?? ""
      facts.append(("validation", "held out:\(share) the training rows\(rows)"))
    }
    if let images = run.images {
      facts.append(
        (
          "images",
          (images.fit.map { "fitted by \($0.rawValue)" } ?? "as they are") + (images.invert ? ", inverted" : "")
        )
      )
    }
    return facts
  }

  private func source(_ name: String, _ data: DataDescription, rows: Int?) -> Fact {
    let digest = data.sha256.map { "<br>SHA-256 <code>\(escaped($0))</code>" } ?? ""
    let count = rows.map { ", \(grouped($0)) rows" } ?? ""
    return (name, "<code>\(escaped(data.source))</code>\(count)\(digest)")
  }

  private var result: [Fact] {
    var facts: [Fact] = []
    if let best = record.best {
      facts = [
        ("weights", "of epoch \(best.epoch), by <code>\(escaped(run.configuration.monitor.rawValue))</code>"),
        ("validation loss", decimal(best.validationLoss, 6)),
        ("validation accuracy", percent(best.validationAccuracy, 2)),
        ("parameters", "SHA-256 <code>\(escaped(best.parametersSHA256))</code>"),
      ]
    }
    facts.append(("program", "\(escaped(run.programVersion)), numerics revision \(run.numericsRevision)"))
    facts.append(("network", network))
    if let weights = run.initialWeights { facts.append(("initial weights", "<code>\(escaped(weights))</code>")) }
    return facts
  }

  private var network: String {
    let architecture = run.configuration.architecture
    return "\(escaped(architecture.name)), \(grouped(architecture.layout.count)) parameters"
  }

  private var machine: [Fact] {
    var facts: [Fact] = [("started", escaped(run.started))]
    facts.append(("layout", layout(run.machine)))
    facts.append(("CPU", "\(escaped(run.machine.cpu)), \(run.machine.lanes) lanes"))
    if let library = run.machine.mpi { facts.append(("MPI", escaped(library))) }
    for resume in run.resumes ?? [] {
      facts.append(
        (
          "resumed",
          "\(escaped(resume.time)), in epoch \(resume.epoch) after step \(grouped(resume.step)), on \(layout(resume.machine))"
        ))
    }
    let seconds = record.epochs.reduce(0) { $0 + $1.seconds }
    if !record.epochs.isEmpty {
      facts.append(
        ("epochs", "\(duration(seconds)), \(duration(seconds / Double(record.epochs.count))) each"))
    }
    if let outcome = run.outcome { facts.append(("start to end", duration(outcome.seconds))) }
    return facts
  }

  private func layout(_ machine: MachineDescription) -> String {
    let nodes = zip(machine.hosts, machine.workersPerNode).map { "\(escaped($0)) (\($1))" }
    let shown = nodes.prefix(16).joined(separator: ", ") + (nodes.count > 16 ? " and \(nodes.count - 16) more" : "")
    return "\(machine.workers) \(escaped(machine.kind)) on \(shown)"
  }

  /// All of them; those that are not the recipe's are marked.
  private var hyperparameters: String {
    let usual = Dictionary(
      RunOptions.fields(of: Recipe(rawValue: run.recipe)?.configuration ?? run.configuration)
    ) { $1 }
    let fields = RunOptions.fields(of: run.configuration)
    let items = fields.map { name, value in
      let isOwn = usual[name] != value
      return """
        <div\(isOwn ? " class=\"own\"" : "")><dt>\(escaped(name))</dt><dd><code>\(escaped(value))</code>\
        \(isOwn ? "<span class=\"unseen\"> (not the recipe’s)</span>" : "")</dd></div>
        """
    }
    let isAnyOwn = fields.contains { usual[$0.key] != $0.value }
    return """
      <p class="quiet">Recipe <code>\(escaped(run.recipe))</code>\(isAnyOwn ? "; what is not the recipe’s is marked" : ", as it is").</p>
      <dl class="options-grid">
      \(items.joined(separator: "\n"))
      </dl>
      """
  }

  private func table(_ caption: String, _ facts: [Fact], varies: Bool = false) -> String {
    let lines = facts.map {
      "<tr\(varies ? " data-varies" : "")><th scope=\"row\">\($0.name)</th><td>\($0.value)</td></tr>"
    }
    return """
      <table class="facts">
      <caption>\(caption)</caption>
      <tbody>
      \(lines.joined(separator: "\n"))
      </tbody>
      </table>
      """
  }

  /// A command as a shell takes it.
  private func command(_ words: [String]) -> String {
    let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=:,+%@")
    return words.map { word in
      let isPlain = !word.isEmpty && word.allSatisfy(plain.contains)
      return isPlain ? word : "'\(word.replacing("'", with: "'\\''"))'"
    }.joined(separator: " ")
  }

  /// What is not in the report, and how it comes into it.
  private var missing: String {
    let sentences = record.absences.compactMap { absence -> String? in
      switch absence {
      case .outcome: nil
      case .epochs: "Curves: no epoch is complete."
      case .examination where record.test == nil:
        "Confusion matrix: the folder has no <code>evaluation.json</code>, which is written when training ends. "
          + "What <code>fingerspell evaluate</code> writes as JSON into <code>test.json</code> in the folder is used instead."
      case .examination:
        "Example images: the folder has no <code>evaluation.json</code>, which is written when training ends. The confusion matrix "
          + "is that of <code>test.json</code>."
      case .examinationOfOthers:
        "Confusion matrix and example images: <code>evaluation.json</code> is of other weights than those of the best epoch now; "
          + "it is written again when training ends."
      case .testOfOthers:
        "Results on test images: <code>test.json</code> is of other weights than those of the best epoch."
      }
    }
    guard !sentences.isEmpty else { return "" }
    return """
      <h3 class="gap">Not in this report</h3>
      <ul class="quiet">
      \(sentences.map { "<li>\($0)</li>" }.joined(separator: "\n"))
      </ul>

      """
  }
}

/// A run's hyperparameters as names and values.
enum RunOptions {
  /// All of them, by their names in words.
  static func fields(of configuration: TrainingConfiguration) -> [(key: String, value: String)] {
    var fields = (try? configuration.fields) ?? [:]
    if configuration.network == nil { fields["network"] = "default" }
    fields["patience"] = configuration.patience.map(String.init) ?? "none"
    return fields.sorted { $0.key < $1.key }.map { (RunMismatch.words($0.key), $0.value) }
  }
}
