import Runs
import Training

/// What a network confuses: the matrix and the share of each class that is read correctly.
struct Confusions {
  /// The most classes of the matrix and of the bars.
  private static let classLimit = 40

  let results: ClassResults
  /// What the rows are: `validation` or `test`.
  let rows: String

  private var shown: [Int] { results.mostConfused(Self.classLimit) }
  private var isPart: Bool { shown.count < results.labels.count }

  /// The matrix as a picture.
  var heatMap: HeatMap {
    let labels = shown
    let worst = results.mistakes.prefix(3).map {
      "\(results.name($0.label)) read as \(results.name($0.prediction)) (\($0.count))"
    }
    let part =
      isPart ? "The \(labels.count) classes of \(results.labels.count) that take part in the most mistakes. " : ""
    return HeatMap(
      id: "confusion", title: "Confusion matrix",
      summary: part + "\(grouped(results.misread)) of \(grouped(results.rows)) \(rows) images are misread"
        + (worst.isEmpty ? "." : ", most often \(worst.joined(separator: ", "))."),
      names: labels.map(results.name), counts: labels.map { label in labels.map { results.count(label, as: $0) } },
      support: labels.map(results.support))
  }

  var html: String {
    """
    <section aria-labelledby="confusions"><h2 id="confusions">What it confuses</h2>
    <div class="matrix">
    <div class="card"><h3>Confusion matrix</h3>
    <p class="quiet">\(explanation)</p>
    <div class="scroll" tabindex="0" role="region" aria-label="Confusion matrix">
    \(heatMap.picture.inline("matrix-chart", widths: 0.72...1.15))
    </div>
    \(matrixTable)
    </div>
    <div class="card"><h3>Share read correctly, worst class first</h3>
    \(bars.html)
    \(classTable)
    </div>
    </div>
    </section>
    """
  }

  private var explanation: String {
    let what = "One line per true class, one column per class that was predicted."
    guard isPart else { return what }
    return
      "\(what) Shown are the \(shown.count) classes, of \(grouped(results.labels.count)), that take part in the most mistakes."
  }

  private var bars: BarTable {
    let worst = results.worstFirst
    let part =
      worst.count > Self.classLimit
      ? "The \(Self.classLimit) classes of \(grouped(worst.count)) that are read worst" : ""
    return BarTable(
      caption: part, head: "Class", valueHead: "Share read correctly", noteHead: "Images",
      bars: worst.prefix(Self.classLimit).map { label in
        BarTable.Bar(
          name: results.name(label), fraction: results.recall(label) ?? .nan,
          note:
            "\(grouped(results.count(label, as: label)))<span class=\"unseen\"> of </span><span aria-hidden=\"true\">/</span>\(grouped(results.support(label)))"
        )
      })
  }

  private var matrixTable: String {
    let labels = shown
    let head = labels.map { #"<th scope="col">\#(escaped(results.name($0)))</th>"# }.joined()
    let lines = labels.map { label in
      let cells = labels.map { prediction in
        let count = results.count(label, as: prediction)
        return label == prediction ? "<td class=\"right\">\(count)</td>" : "<td>\(count == 0 ? "" : "\(count)")</td>"
      }
      return #"<tr><th scope="row">\#(escaped(results.name(label)))</th>\#(cells.joined())</tr>"#
    }
    return """
      <details><summary>The matrix as a table</summary>
      <div class="scroll" tabindex="0" role="region" aria-label="Confusion matrix as a table">
      <table class="numbers dense">
      <caption>Images by true class (line) and predicted class (column)</caption>
      <thead><tr><th scope="col">true</th>\(head)</tr></thead>
      <tbody>
      \(lines.joined(separator: "\n"))
      </tbody>
      </table>
      </div>
      </details>
      """
  }

  private var classTable: String {
    let lines = results.labels.map { label in
      let values = [results.precision(label), results.recall(label), results.f1(label)].map { percent($0 ?? .nan) }
      return """
        <tr><th scope="row">\(escaped(results.name(label)))</th><td>\(grouped(results.support(label)))</td>\
        \(values.map { "<td>\($0)</td>" }.joined())</tr>
        """
    }
    return """
      <details><summary>Precision, recall and F1 of each class</summary>
      <div class="scroll" tabindex="0" role="region" aria-label="Precision, recall and F1">
      <table class="numbers">
      <caption class="unseen">Precision, recall and F1 of each class</caption>
      <thead><tr><th scope="col">Class</th><th scope="col">Images</th><th scope="col">Precision</th><th scope="col">Recall</th>\
      <th scope="col">F1</th></tr></thead>
      <tbody>
      \(lines.joined(separator: "\n"))
      </tbody>
      </table>
      </div>
      </details>
      """
  }
}
