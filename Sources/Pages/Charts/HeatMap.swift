/// A confusion matrix as a picture: true classes down, predicted ones across.
struct HeatMap {
  /// The most classes that have counts in their cells.
  private static let countLimit = 32

  /// Distinguishes it in a page.
  let id: String
  /// What it shows, and what there is to see.
  let title: String, summary: String
  /// The names of the classes that are shown.
  let names: [String]
  /// Counts by true class (row) and predicted class (column), of the classes that are shown.
  let counts: [[Int]]
  /// The rows of each class, also those that were read as a class that is not shown.
  let support: [Int]

  private static let gap = 2.0

  /// The side of a cell: large where there are few.
  private var cell: Double {
    names.count > Self.countLimit ? 22 : min(64, max(28, (560 / Double(max(1, names.count))).rounded()))
  }

  /// The picture.
  var picture: SVGPicture {
    SVGPicture(
      id: id, title: title, summary: summary, width: left + side + 2, height: top + side + 2, content: content)
  }

  private var side: Double { Double(names.count) * cell }
  private var labels: [String] {
    names.map { shortened($0, to: 16) }
  }
  private var labelWidth: Double { labels.map { textWidth($0, size: 14) }.max() ?? 0 }
  /// Long names of columns are written upwards.
  private var isUpright: Bool { labelWidth > cell - 2 }
  private var left: Double { labelWidth + 12 + 22 }
  private var top: Double { (isUpright ? labelWidth + 10 : 22) + 24 }

  private var content: String {
    ([background] + axes + labelTexts + cells).joined(separator: "\n")
  }

  /// All cells, empty: one path.
  private var background: String {
    let size = place(cell - Self.gap)
    let squares = names.indices.flatMap { row in
      names.indices.map { column in
        "M\(place(left + Double(column) * cell)) \(place(top + Double(row) * cell))h\(size)v\(size)h-\(size)z"
      }
    }
    return #"<path class="empty" d="\#(squares.joined())"/>"#
  }

  private var axes: [String] {
    let middle = top + side / 2
    return [
      #"<text class="axis middle" x="\#(place(left + side / 2))" y="14">read as</text>"#,
      """
      <text class="axis middle" x="12" y="\(place(middle))" transform="rotate(-90 12 \(place(middle)))">\
      true class</text>
      """,
    ]
  }

  private var labelTexts: [String] {
    zip(labels, 0...).flatMap { label, index in
      let centre = Double(index) * cell + (cell - Self.gap) / 2
      let (x, y) = (left + centre, top - 9)
      let turn = isUpright ? #" transform="rotate(-90 \#(place(x + 5)) \#(place(y)))""# : ""
      let column =
        #"<text class="class \#(isUpright ? "start" : "middle")" x="\#(place(isUpright ? x + 5 : x))" y="\#(place(y))"\#(turn)>\#(escaped(label))</text>"#
      let row =
        #"<text class="class end" x="\#(place(left - 9))" y="\#(place(top + centre + 5))">\#(escaped(label))</text>"#
      return [column, row]
    }
  }

  private var cells: [String] {
    // Mistakes are rare: their darkness goes with the root of their share, up to the largest one.
    let largest =
      names.indices.flatMap { row in
        names.indices.map { $0 == row ? 0 : share(row, $0) }
      }.max() ?? 0
    return names.indices.flatMap { row in
      names.indices.compactMap { column -> String? in
        guard counts[row][column] > 0 else { return nil }
        let share = share(row, column)
        let strength = row == column ? 0.15 + 0.85 * share : 0.15 + 0.85 * (share / max(largest, 1e-9)).squareRoot()
        return square(row, column, strength)
      }
    }
  }

  private func share(_ row: Int, _ column: Int) -> Double { Double(counts[row][column]) / Double(max(1, support[row])) }

  private func square(_ row: Int, _ column: Int, _ strength: Double) -> String {
    let (x, y) = (left + Double(column) * cell, top + Double(row) * cell)
    let size = cell - Self.gap
    let count = counts[row][column]
    let what = row == column ? "\(names[row]) read correctly" : "\(names[row]) read as \(names[column])"
    let hint = "\(what): \(grouped(count)) of \(grouped(support[row])), \(percent(share(row, column)))"
    let text = count < 1000 ? "\(count)" : "\(short(Double(count) / 1000, count < 10_000 ? 1 : 0))k"
    // Dark or light figures, whichever can be read on the cell.
    let ink = strength < 0.55 ? "low" : strength < 0.88 ? "mid" : "high"
    let figures =
      names.count > Self.countLimit
      ? ""
      : #"<text class="count \#(ink)" x="\#(place(x + size / 2))" y="\#(place(y + size / 2 + 4))">\#(text)</text>"#
    return """
      <g><title>\(escaped(hint))</title><rect class="\(row == column ? "right" : "wrong")" x="\(place(x))" y="\(place(y))" \
      width="\(place(size))" height="\(place(size))" rx="3" fill-opacity="\(short(strength, 2))"/>\(figures)</g>
      """
  }
}
