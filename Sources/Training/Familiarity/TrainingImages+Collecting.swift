import Communication
import Datasets
import Monitoring

extension TrainingImages {
  /// Looks at the training rows: every worker at its own, and all get the same. Collective. nil where there are too few rows.
  ///
  /// Three small sums over all workers: of the mean image, of the measures, and of the distances.
  ///
  /// - Parameter rows: this worker's rows of the table; together the workers have every training row once.
  package static func collected(
    from table: RowTable, _ rows: Range<Int>, _ communicator: any Communicator
  ) throws -> TrainingImages? {
    let count = try communicator.allReduce(rows.count, .sum)
    guard count >= leastRows else { return nil }
    let collector = Collector(table: table, rows: rows, heartbeat: communicator.heartbeat)
    var levels = collector.levels
    try communicator.allReduce(&levels, .sum)
    let mean = collector.image(levels.map { UInt8(($0 + count / 2) / count) })
    let measures = collector.measures(mean)
    let kinds = ImageMeasures.Kind.allCases.count
    var sums = collector.sums(measures)
    try communicator.allReduce(&sums, .sum)
    let (first, second) = (Array(sums[..<kinds]), Array(sums[kinds...]))
    guard let spread = MeasureSpread(rows: count, sums: first, products: second) else { return nil }
    var bins = [Int](repeating: 0, count: MeasureSpread.bins)
    for measure in measures { bins[spread.bin(of: measure)] += 1 }
    try communicator.allReduce(&bins, .sum)
    var shares = collector.shares(every: (table.totalRows + mostSearched - 1) / mostSearched)
    try communicator.allReduce(&shares, .sum)
    return TrainingImages(
      rows: count, mean: mean, sums: first, products: second, edge: edge(bins, of: count), framing: median(of: shares))
  }

  /// The most rows in which an object is looked for, and the fewest in which it must be found.
  private static let mostSearched = 1024, leastFound = 32

  /// The median of counted numbers; nil where there are too few.
  private static func median(of counts: [Int]) -> Int? {
    let total = counts.reduce(0, +)
    guard total >= leastFound else { return nil }
    var below = (total + 1) / 2
    return counts.firstIndex {
      below -= $0
      return below <= 0
    }
  }

  /// The upper edge of the bin below which 99.9 % of the rows are.
  static func edge(_ bins: [Int], of count: Int) -> Int {
    var beyond = count / 1000
    for bin in bins.indices.reversed() {
      beyond -= bins[bin]
      if beyond < 0 { return bin + 1 }
    }
    return 1
  }
}

/// What one worker sees in its rows.
private struct Collector {
  let table: RowTable
  let rows: Range<Int>
  let heartbeat: Heartbeat
  private let size: (width: Int, height: Int, factor: Int)

  init(table: RowTable, rows: Range<Int>, heartbeat: Heartbeat) {
    (self.table, self.rows, self.heartbeat) = (table, rows, heartbeat)
    size = GrayImage.reduced(table.format)
  }

  private func gray(_ row: Int) -> GrayImage {
    GrayImage(UnsafeBufferPointer(start: table.pixels(row), count: table.format.count), table.format)
  }

  /// An image of the size of the mean image.
  func image(_ pixels: [UInt8]) -> GrayImage { GrayImage(width: size.width, height: size.height, pixels: pixels) }

  /// The sums of the gray levels of the reduced images, pixel by pixel.
  var levels: [Int] {
    var sums = [Int](repeating: 0, count: size.width * size.height)
    for row in rows {
      heartbeat.advance()
      let reduced = gray(row).reduced(by: size.factor)
      sums.withUnsafeMutableBufferPointer { sums in
        reduced.pixels.withUnsafeBufferPointer { pixels in
          for index in sums.indices { sums[index] &+= Int(pixels[index]) }
        }
      }
    }
    return sums
  }

  /// The measures of the rows.
  func measures(_ mean: GrayImage) -> [ImageMeasures] {
    rows.map { row in
      heartbeat.advance()
      let gray = gray(row)
      return ImageMeasures(gray, thumbnail: gray.reduced(by: size.factor), mean: mean)
    }
  }

  /// How many of every n-th of the rows have an object whose longer side is n 64ths of the image's, 0 to 64.
  func shares(every step: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: 65)
    let format = table.format
    for row in rows where row % max(1, step) == 0 {
      heartbeat.advance()
      guard let box = ObjectBox.find(in: table.image(row), format) else { continue }
      counts[max(1, max(64 * box.width / format.width, 64 * box.height / format.height))] += 1
    }
    return counts
  }

  /// The sums of the measures, and of their products in the order (0, 0), (0, 1), ... (4, 4).
  func sums(_ measures: [ImageMeasures]) -> [Int] {
    let kinds = ImageMeasures.Kind.allCases.count
    var sums = [Int](repeating: 0, count: kinds + kinds * (kinds + 1) / 2)
    for measure in measures {
      var next = kinds
      for row in 0..<kinds {
        sums[row] += measure.values[row]
        for column in row..<kinds {
          sums[next] += measure.values[row] * measure.values[column]
          next += 1
        }
      }
    }
    return sums
  }
}
