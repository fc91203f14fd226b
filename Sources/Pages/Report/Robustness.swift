import Runs

/// The results on rows that the user evaluated, as they are and corrupted.
struct Robustness {
  let test: StoredEvaluation

  var html: String {
    let corruptions = test.corruptions ?? []
    let heading = corruptions.isEmpty ? "On test images" : "How robust it is"
    let source = "\(grouped(test.rows)) images of <code>\(escaped(test.data))</code>"
    let seed = corruptions.first.map { ", corrupted with seed \($0.seed)" } ?? ""
    let bars =
      [BarTable.Bar(name: "as they are", fraction: test.accuracy, note: decimal(test.loss, 4), isReference: true)]
      + corruptions.sorted { ($0.accuracy, $0.kind) < ($1.accuracy, $1.kind) }.map { result in
        BarTable.Bar(name: result.kind, fraction: result.accuracy, note: decimal(result.loss, 4))
      }
    let table = BarTable(
      caption: "Accuracy, and loss, worst first", head: "Images", valueHead: "Accuracy", noteHead: "Loss", bars: bars)
    return """
      <section aria-labelledby="robustness"><h2 id="robustness">\(heading)</h2>
      <p class="quiet">\(source)\(seed).</p>
      <div class="card">
      \(table.html)
      </div>
      </section>
      """
  }
}
