/// Fractions as bars in a table: what a picture would show, for readers of every kind.
struct BarTable {
  /// A line.
  struct Bar {
    /// What it is of.
    let name: String
    /// Its length, 0 ... 1.
    let fraction: Double
    /// What is said beside the number, markup; empty for nothing.
    var note = ""
    /// Whether it is what the others are compared with.
    var isReference = false
  }

  /// What the table shows, and the heads of its columns.
  let caption: String, head: String, valueHead: String
  /// The head of the notes; nil where there are none.
  var noteHead: String?
  let bars: [Bar]

  /// The table.
  var html: String {
    let lines = bars.map { bar in
      let width = bar.fraction.isFinite ? min(max(bar.fraction, 0), 1) * 100 : 0
      let note = noteHead.map { _ in #"<td class="note">\#(bar.note)</td>"# } ?? ""
      return """
        <tr\(bar.isReference ? " class=\"reference\"" : "")><th scope="row">\(escaped(shortened(bar.name, to: 24)))</th>\
        <td class="bar" aria-hidden="true"><div><i style="width:\(short(width, 1))%"></i></div></td>\
        <td class="value">\(percent(bar.fraction))</td>\(note)</tr>
        """
    }
    return """
      <table class="bars">
      <caption>\(escaped(caption))</caption>
      <thead class="unseen"><tr><th scope="col">\(head)</th><td></td><th scope="col">\(valueHead)</th>\
      \(noteHead.map { "<th scope=\"col\">\($0)</th>" } ?? "")</tr></thead>
      <tbody>
      \(lines.joined(separator: "\n"))
      </tbody>
      </table>
      """
  }
}
