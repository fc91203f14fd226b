import Runs
import Training

/// The curves of a run: accuracy, loss and learning rate.
struct LearningCurves {
  let record: RunRecord

  private var epochs: [EpochMetrics] { record.epochs }

  var accuracy: LineChart {
    let best = record.best
    let first = epochs.first?.validationAccuracy ?? .nan
    return chart(
      "accuracy", "Accuracy",
      best.map {
        "Validation accuracy goes from \(percent(first)) after epoch 1 to \(percent($0.validationAccuracy)) after epoch \($0.epoch)\(bestNote), out of \(epochs.count) epochs; "
          + "training accuracy is \(percent($0.accuracy)) then."
      }, epochs.map(\.accuracy), epochs.map(\.validationAccuracy),
      AxisScale(
        of: epochs.flatMap { [$0.accuracy, $0.validationAccuracy] }, isAnchored: false, ceiling: 1)
    ) { value, places in places < 0 ? percent(value) : decimal(value * 100, places) + "\u{A0}%" }
  }

  var loss: LineChart {
    let best = record.best
    let first = epochs.first?.validationLoss ?? .nan
    let values = epochs.flatMap { [$0.loss, $0.validationLoss] }
    let positive = values.filter { $0.isFinite && $0 > 0 }
    let isWide = (positive.max() ?? 1) > 100 * (positive.min() ?? 1)
    return chart(
      "loss", "Loss",
      best.map {
        "Validation loss goes from \(decimal(first, 4)) after epoch 1 to \(decimal($0.validationLoss, 4)) after epoch \($0.epoch)\(bestNote); "
          + "training loss is \(decimal($0.loss, 4)) then."
      }, epochs.map(\.loss), epochs.map(\.validationLoss),
      isWide ? AxisScale(powersOver: values) : AxisScale(of: values)
    ) { value, places in places < 0 ? decimal(value, 4) : decimal(value, places) }
  }

  var rate: LineChart {
    let rates = epochs.map(\.learningRate)
    let positive = rates.filter { $0.isFinite && $0 > 0 }
    let falls = Set(positive).count <= 8 && (positive.max() ?? 1) >= 10 * (positive.min() ?? 1)
    let axis = falls ? AxisScale(powersOver: positive) : AxisScale(of: rates, ticks: 4)
    let (first, last) = (rates.first ?? .nan, rates.last ?? .nan)
    let isConstant = Set(rates).count <= 1
    return LineChart(
      id: "learning-rate", title: "Learning rate",
      summary: isConstant
        ? "The learning rate is \(shortest(first)) in every epoch."
        : "The learning rate is \(significant(first)) at the end of epoch 1 and \(significant(last)) at the end of epoch \(epochs.count); the highest is \(significant(positive.max() ?? 0)).",
      series: [.init(name: "rate", style: "first", isDashed: false, values: rates)], axis: axis,
      tickText: { rateText($0, axis) }, valueText: significant, namesSeries: false)
  }

  private var bestNote: String {
    record.description.configuration.keep == .best ? ", the best one" : ", the last one"
  }

  private func chart(
    _ id: String, _ title: String, _ summary: String?, _ training: [Double], _ validation: [Double], _ axis: AxisScale,
    _ text: @escaping (_ value: Double, _ places: Int) -> String
  ) -> LineChart {
    let places = id == "accuracy" ? max(0, axis.decimals - 2) : axis.isLogarithmic ? -2 : axis.decimals
    return LineChart(
      id: id, title: title, summary: summary ?? "No epoch is complete.",
      series: [
        .init(name: "training", style: "second", isDashed: true, values: training),
        .init(
          name: "validation", style: "first", isDashed: false, values: validation,
          marked: record.description.configuration.keep == .best ? record.bestEpoch : nil),
      ], axis: axis,
      tickText: { places == -2 ? shortest($0) : text($0, places) },
      valueText: { text($0, -1) })
  }

  /// The section; nil if no epoch is complete.
  var html: String? {
    guard !epochs.isEmpty else { return nil }
    let charts = [accuracy, loss, rate].map { chart in
      #"<div class="card"><h3>\#(chart.title)</h3>\#n\#(chart.html)\#n</div>"#
    }
    return """
      <section aria-labelledby="learning"><h2 id="learning">How it learned</h2>
      <div class="columns">
      \(charts.joined(separator: "\n"))
      \(EpochTable(record: record).html)
      </div>
      </section>
      """
  }
}

/// How a learning rate is written at an axis: none of the noise of its tick's multiplication.
func rateText(_ rate: Double, _ axis: AxisScale) -> String {
  if rate == 0 { return "0" }
  guard rate > 0, rate.isFinite else { return short(rate, 7) }
  if axis.isLogarithmic || rate < 1e-4 {
    var exponent = 0
    var mantissa = rate
    while mantissa < 0.9999 { (mantissa, exponent) = (mantissa * 10, exponent + 1) }
    return exponent <= 3 ? short(rate, 6) : "\(short(mantissa, 1))e-\(exponent)"
  }
  return short(rate, 7)
}

/// The epochs' numbers in a table.
struct EpochTable {
  /// The most lines.
  private static let limit = 500

  let record: RunRecord

  var html: String {
    let best = record.bestEpoch
    let shown = record.epochs.suffix(Self.limit)
    let lines = shown.map { metrics in
      let cells = [
        percent(metrics.accuracy), percent(metrics.validationAccuracy), decimal(metrics.loss, 4),
        decimal(metrics.validationLoss, 4), significant(metrics.learningRate),
      ]
      let isBest = metrics.epoch == best
      return """
        <tr\(isBest ? " class=\"best\"" : "")><th scope="row">\(metrics.epoch)\(isBest ? "<span class=\"unseen\"> (kept)</span>" : "")</th>\
        \(cells.map { "<td>\($0)</td>" }.joined())</tr>
        """
    }
    let rest = record.epochs.count - shown.count
    return """
      <div class="card"><h3>Epoch by epoch\(rest > 0 ? ", from \(shown.first?.epoch ?? 0)" : "")</h3>
      <div class="scroll tall" tabindex="0" role="region" aria-label="Numbers of the epochs">
      <table class="numbers">
      <caption class="unseen">Accuracy, loss and learning rate of each epoch</caption>
      <thead><tr><th scope="col" rowspan="2">Epoch</th><th scope="colgroup" colspan="2">Accuracy</th>\
      <th scope="colgroup" colspan="2">Loss</th><th scope="col" rowspan="2">Rate</th></tr>
      <tr><th scope="col">train.</th><th scope="col">valid.</th><th scope="col">train.</th><th scope="col">valid.</th></tr></thead>
      <tbody>
      \(lines.joined(separator: "\n"))
      </tbody>
      </table>
      </div>
      </div>
      """
  }
}
