import Platform
import Runs
import Training

/// The report of several runs: their results side by side, the options that differ, and their curves over one another.
package struct ComparisonReport {
  /// The runs with colours of their own; the curves of others look like those of the first ones, dashed.
  private static let colors = 8

  private let records: [RunRecord]
  private let names: [String]

  /// The report of runs, in this order. Runs of the same name get a number.
  package init(_ records: [RunRecord]) {
    self.records = records
    var seen: [String: Int] = [:]
    names = records.map { record in
      seen[record.name, default: 0] += 1
      let count = seen[record.name] ?? 1
      return count == 1 ? record.name : "\(record.name) (\(count))"
    }
  }

  /// The page.
  package var html: String {
    var page = Page(title: "\(records.count) runs compared")
    page.style = PageAssets.series + PageAssets.charts + PageAssets.report
    page.body = """
      <header>
      <p class="eyebrow">Fingerspell run report</p>
      <h1>\(counted(records.count, "run")) compared</h1>
      \(notice)<p class="lead">\(sentence)</p>
      </header>
      <main>
      \([results, curves, options].compactMap { $0 }.joined(separator: "\n"))
      </main>
      <footer class="quiet"><p>Written by Fingerspell from the files of the runs.</p></footer>
      """
    return page.html
  }

  /// The run with the highest accuracy; the first of equals.
  private var best: Int? {
    records.indices.filter { accuracy($0) != nil }
      .max { (accuracy($0) ?? 0, $1) < (accuracy($1) ?? 0, $0) }
  }

  private func accuracy(_ index: Int) -> Double? {
    let value = records[index].best?.validationAccuracy
    return value.flatMap { $0.isFinite ? $0 : nil }
  }

  private var sentence: String {
    guard let best, let accuracy = accuracy(best) else { return "No epoch of them is complete." }
    return
      "Run <strong>\(escaped(names[best]))</strong> reads the most validation images correctly: \(percent(accuracy))."
  }

  /// That results are of different images, where they are.
  private var notice: String {
    guard Set(records.map { validationRows($0.description) }).count > 1 else { return "" }
    return """
      <p class="notice" role="note"><strong>Not all of these runs were validated on the same images.</strong> Their results do not say \
      which model is better.</p>

      """
  }

  /// What says which rows a run was validated on.
  private func validationRows(_ run: RunDescription) -> String {
    if let data = run.validationData { return data.content }
    let split = RunOptions.fields(of: run.configuration).first { $0.key == "validation split" }
    return "\(split?.value ?? "") of \(run.trainingData.content)"
  }

  /// A swatch of a run's curve, for the legend.
  private func swatch(_ index: Int) -> String {
    """
    <svg class="chart swatch" viewBox="0 0 28 10" aria-hidden="true"><line class="curve \(style(index))" x1="2" x2="26" y1="5" y2="5"/></svg>
    """
  }

  private func style(_ index: Int) -> String {
    "run-\(index % Self.colors + 1)" + (index < Self.colors ? "" : " dashed")
  }

  private var results: String {
    let best = best
    let lowest = records.compactMap { $0.best?.validationLoss }.filter(\.isFinite).min()
    let lines = zip(records, names).enumerated().map { index, run in
      let (record, name) = run
      let misread = ClassResults(record).map { grouped($0.misread) } ?? "–"
      let seconds = record.epochs.reduce(0) { $0 + $1.seconds }
      let cells = [
        (accuracy(index).map { percent($0, 2) } ?? "–", index == best),
        (
          record.best.map { decimal($0.validationLoss, 4) } ?? "–",
          record.best.map { $0.validationLoss == lowest } ?? false
        ),
        (misread, false), ("\(record.bestEpoch.map(String.init) ?? "–") of \(grouped(record.epochs.count))", false),
        (duration(seconds), false),
      ]
      let state = record.absences.contains(.outcome) ? " <span class=\"quiet\">not ended</span>" : ""
      return """
        <tr\(index == best ? " class=\"best\"" : "")><th scope="row">\(swatch(index))\(escaped(name))\
        \(index == best ? "<span class=\"badge\">best</span>" : "")\(state)</th>\
        \(cells.map { $1 ? "<td><strong>\($0)</strong></td>" : "<td>\($0)</td>" }.joined())</tr>
        """
    }
    return """
      <section aria-labelledby="results"><h2 id="results">Results</h2>
      <div class="card scroll" tabindex="0" role="region" aria-label="Results">
      <table class="numbers runs">
      <caption class="unseen">Results of the runs</caption>
      <thead><tr><th scope="col">Run</th><th scope="col">Accuracy</th><th scope="col">Loss</th><th scope="col">Misread</th>\
      <th scope="col">Kept epoch</th><th scope="col">Time</th></tr></thead>
      <tbody>
      \(lines.joined(separator: "\n"))
      </tbody>
      </table>
      </div>
      </section>
      """
  }

  /// The options, and what else of the runs differs: lines of those that are not the same in all.
  private var options: String {
    let all = records.map { record -> [String: String] in
      var fields = Dictionary(RunOptions.fields(of: record.description.configuration)) { $1 }
      fields["recipe"] = record.description.recipe
      fields["training data"] = content(record.description.trainingData)
      fields["validation data"] = record.description.validationData.map(content) ?? "rows held out"
      fields["workers"] = "\(record.description.machine.workers) \(record.description.machine.kind)"
      fields["program"] = record.description.programVersion
      fields["numerics revision"] = "\(record.description.numericsRevision)"
      return fields
    }
    let names = Set(all.flatMap(\.keys)).sorted()
    let differing = names.filter { name in all.contains { $0[name] != all[0][name] } }
    guard !differing.isEmpty else {
      return """
        <section aria-labelledby="options"><h2 id="options">What differs</h2>
        <p class="card">Nothing: the runs have the same options and data.</p>
        </section>
        """
    }
    let head = zip(self.names, records.indices).map {
      #"<th scope="col"\#($1 == best ? " class=\"best\"" : "")>\#(swatch($1))\#(escaped($0))</th>"#
    }
    let lines = differing.map { name in
      let cells = all.enumerated().map { index, fields in
        "<td\(index == best ? " class=\"best\"" : "")>\(escaped(fields[name] ?? "–"))</td>"
      }
      return "<tr><th scope=\"row\">\(escaped(name))</th>\(cells.joined())</tr>"
    }
    return """
      <section aria-labelledby="options"><h2 id="options">What differs</h2>
      <div class="card scroll" tabindex="0" role="region" aria-label="Options that differ">
      <table class="numbers options">
      <caption class="unseen">Options that are not the same in all runs</caption>
      <thead><tr><th scope="col">Option</th>\(head.joined())</tr></thead>
      <tbody>
      \(lines.joined(separator: "\n"))
      </tbody>
      </table>
      </div>
      </section>
      """
  }

  /// What data are, wherever they lie.
  private func content(_ data: DataDescription) -> String {
    let name = data.source.split(separator: "/").last.map(String.init) ?? data.source
    return data.sha256.map { "\(name) (\($0.prefix(8)))" } ?? data.source
  }

  private struct Curve {
    let id: String, title: String
    let value: (EpochMetrics) -> Double
    var isShare = false
    var marksBest = false
  }

  private var charts: [LineChart] {
    var curves = [
      Curve(id: "accuracy", title: "Validation accuracy", value: \.validationAccuracy, isShare: true, marksBest: true),
      Curve(id: "loss", title: "Validation loss", value: \.validationLoss, marksBest: true),
      Curve(id: "training-accuracy", title: "Training accuracy", value: \.accuracy, isShare: true),
      Curve(id: "training-loss", title: "Training loss", value: \.loss),
    ]
    let rates = records.map { $0.epochs.map(\.learningRate) }
    if Set(rates.joined()).count > 1 {
      curves.append(Curve(id: "learning-rate", title: "Learning rate", value: \.learningRate))
    }
    return curves.map(chart)
  }

  private func chart(_ curve: Curve) -> LineChart {
    let values = records.map { $0.epochs.map(curve.value) }
    let axis =
      curve.isShare
      ? AxisScale(of: values.flatMap { $0 }, isAnchored: false, ceiling: 1) : AxisScale(of: values.flatMap { $0 })
    let places = curve.isShare ? max(0, axis.decimals - 2) : axis.decimals
    let tick = { (value: Double) in
      curve.isShare
        ? decimal(value * 100, places) + "\u{A0}%"
        : curve.id == "learning-rate" ? rateText(value, axis) : decimal(value, places)
    }
    let marks = records.map { curve.marksBest ? $0.bestEpoch : nil }
    let text = { (value: Double) in
      curve.isShare ? percent(value) : curve.id == "learning-rate" ? significant(value) : decimal(value, 4)
    }
    let kept = zip(names, zip(records, values)).compactMap { name, run in
      run.0.bestEpoch.map { "\(name): \(text(run.1[$0 - 1])) in epoch \($0)" }
    }
    return LineChart(
      id: curve.id, title: curve.title, summary: kept.joined(separator: "; "),
      series: records.indices.reversed().map { index in
        .init(
          name: shortened(names[index], to: 18), style: "run-\(index % Self.colors + 1)",
          isDashed: index >= Self.colors, values: values[index],
          marked: marks[index])
      }, axis: axis,
      tickText: tick,
      valueText: text, namesSeries: false)
  }

  private var curves: String? {
    guard records.contains(where: { !$0.epochs.isEmpty }) else { return nil }
    let legend = names.indices.map { "<li>\(swatch($0))\(escaped(names[$0]))</li>" }
    let cards = charts.map { #"<div class="card"><h3>\#($0.title)</h3>\#n\#($0.html)\#n</div>"# }
    return """
      <section aria-labelledby="learning"><h2 id="learning">How they learned</h2>
      <ul class="legend">\(legend.joined())</ul>
      <div class="columns">
      \(cards.joined(separator: "\n"))
      </div>
      </section>
      """
  }

  /// The curves as files: each a name and the text of an SVG.
  package var pictures: [(name: String, text: String)] {
    charts.map { chart in
      var chart = chart
      chart.namesSeries = true
      return ("\(chart.id).svg", chart.picture(.wide).file)
    }
  }
}
