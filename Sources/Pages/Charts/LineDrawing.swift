/// Draws a line chart in one of its sizes.
struct LineDrawing {
  private let chart: LineChart
  private let size: LineChart.Size
  /// The plot within the picture.
  private let left: Double, right: Double, top: Double, bottom: Double

  init(_ chart: LineChart, _ size: LineChart.Size) {
    self.chart = chart
    self.size = size
    let labels = chart.axis.ticks.map { textWidth(chart.tickText($0), size: 12) }
    left = (labels.max() ?? 0) + 10
    let names = chart.series.map { textWidth($0.name, size: 13) }.max() ?? 0
    let atEnds = chart.namesSeries && size == .wide
    right = size.width - (atEnds ? min(names, 150) + 14 : 8)
    top = chart.namesSeries && size == .narrow ? 44 : 24
    bottom = size.height - 24
  }

  /// The elements of the picture, from back to front.
  var content: String {
    (grid + marks + chart.series.flatMap(curve) + names + hits).joined(separator: "\n")
  }

  private func x(_ epoch: Int) -> Double {
    guard chart.epochs > 1 else { return (left + right) / 2 }
    return left + Double(epoch - 1) / Double(chart.epochs - 1) * (right - left)
  }

  private func y(_ value: Double) -> Double? {
    chart.axis.fraction(value).map { bottom - min(max($0, 0), 1) * (bottom - top) }
  }

  private var grid: [String] {
    let lines = chart.axis.ticks.compactMap { tick -> String? in
      guard let y = y(tick) else { return nil }
      return """
        <line class="grid" x1="\(place(left))" x2="\(place(right))" y1="\(place(y))" y2="\(place(y))"/>\
        <text class="tick end" x="\(place(left - 8))" y="\(place(y + 4))">\(chart.tickText(tick))</text>
        """
    }
    let epochs = AxisScale.epochTicks(chart.epochs, atMost: size.ticks).map { epoch in
      #"<text class="tick middle" x="\#(place(x(epoch)))" y="\#(place(bottom + 18))">\#(epoch)</text>"#
    }
    return lines + epochs
  }

  /// The upright line at the marked epoch, where one is marked, and its name.
  private var marks: [String] {
    let marked = Set(chart.series.compactMap(\.marked))
    guard let epoch = marked.first, marked.count == 1, chart.namesSeries else { return [] }
    let text = "best: \(epoch)"
    let half = textWidth(text, size: 12) / 2
    let centre = min(max(x(epoch), left + half), size.width - half - 2)
    return [
      """
      <line class="best" x1="\(place(x(epoch)))" x2="\(place(x(epoch)))" y1="\(place(top))" y2="\(place(bottom))"/>\
      <text class="note middle" x="\(place(centre))" y="\(place(top - 8))">\(text)</text>
      """
    ]
  }

  private func curve(_ series: LineChart.Series) -> [String] {
    let style = "\(series.style)\(series.isDashed ? " dashed" : "")"
    var parts: [String] = []
    for run in runs(series) {
      let points = run.map { "\(place($0.x)),\(place($0.y))" }.joined(separator: " ")
      parts.append(
        run.count == 1
          ? #"<circle class="dot \#(series.style)" cx="\#(place(run[0].x))" cy="\#(place(run[0].y))" r="3.5"/>"#
          : #"<polyline class="curve \#(style)" points="\#(points)"/>"#)
    }
    if let epoch = series.marked, series.values.indices.contains(epoch - 1), let y = y(series.values[epoch - 1]) {
      parts.append(#"<circle class="mark \#(series.style)" cx="\#(place(x(epoch)))" cy="\#(place(y))" r="4.5"/>"#)
    }
    return parts
  }

  /// The places of a curve, in pieces where numbers without a place interrupt it; of very long curves not every one.
  private func runs(_ series: LineChart.Series) -> [[(x: Double, y: Double)]] {
    let stride = max(1, series.values.count / LineChart.placeLimit)
    var runs: [[(x: Double, y: Double)]] = [[]]
    for (index, value) in series.values.enumerated() {
      let isShown = index % stride == 0 || index == series.values.count - 1 || index + 1 == series.marked
      guard isShown else { continue }
      if let y = y(value) {
        runs[runs.count - 1].append((x(index + 1), y))
      } else if runs[runs.count - 1].count > 0 {
        runs.append([])
      }
    }
    return runs.filter { !$0.isEmpty }
  }

  /// The curves' names: at their ends, moved apart, or above them.
  private var names: [String] {
    guard chart.namesSeries else { return [] }
    guard size == .wide else { return legend }
    var ends = chart.series.compactMap { series -> (y: Double, series: LineChart.Series)? in
      series.values.last { y($0) != nil }.flatMap { y($0) }.map { ($0, series) }
    }.sorted { $0.y < $1.y }
    for index in ends.indices.dropFirst() { ends[index].y = max(ends[index].y, ends[index - 1].y + 16) }
    for index in ends.indices.reversed() {
      let limit = index == ends.count - 1 ? bottom : ends[index + 1].y - 16
      ends[index].y = min(ends[index].y, limit)
    }
    return ends.map {
      #"<text class="name \#($0.series.style)" x="\#(place(right + 8))" y="\#(place($0.y + 4))">\#(escaped($0.series.name))</text>"#
    }
  }

  private var legend: [String] {
    var x = left
    return chart.series.reversed().map { series in
      defer { x += 30 + textWidth(series.name, size: 13) + 16 }
      let style = "\(series.style)\(series.isDashed ? " dashed" : "")"
      return """
        <line class="curve \(style)" x1="\(place(x))" x2="\(place(x + 22))" y1="10" y2="10"/>\
        <text class="name \(series.style)" x="\(place(x + 28))" y="14">\(escaped(series.name))</text>
        """
    }
  }

  /// Upright strips in which a pointer finds an epoch's numbers.
  private var hits: [String] {
    guard (1...LineChart.hoverLimit).contains(chart.epochs) else { return [] }
    let width = (right - left) / Double(max(1, chart.epochs - 1))
    return (1...chart.epochs).map { epoch in
      let values = chart.series.reversed().compactMap { series -> String? in
        guard series.values.indices.contains(epoch - 1) else { return nil }
        return "\(series.name): \(chart.valueText(series.values[epoch - 1]))"
      }
      let (from, to) = (max(left - 4, x(epoch) - width / 2), min(right + 4, x(epoch) + width / 2))
      return """
        <g class="hit"><title>\(escaped((["epoch \(epoch)"] + values).joined(separator: " · ")))</title>\
        <rect x="\(place(from))" y="\(place(top))" width="\(place(to - from))" height="\(place(bottom - top))"/>\
        <line x1="\(place(x(epoch)))" x2="\(place(x(epoch)))" y1="\(place(top))" y2="\(place(bottom))"/></g>
        """
    }
  }
}

/// About how wide a text is that is `size` units high: letters of other scripts than Latin may be as wide as they are high.
func textWidth(_ text: String, size: Double) -> Double {
  text.unicodeScalars.reduce(0) { width, scalar in
    let factor =
      scalar.value >= 0x1100
      ? 1.0 : "MWmw%@".unicodeScalars.contains(scalar) ? 0.92 : "ijl.,:'|".unicodeScalars.contains(scalar) ? 0.34 : 0.6
    return width + factor * size
  }
}
