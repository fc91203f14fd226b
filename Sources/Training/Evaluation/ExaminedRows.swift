/// Which rows of an evaluation are worth looking at. Positions count the rows in the evaluation's order.
struct ExaminedRows {
  private static let (pairCount, exampleCount, worstCount, meanCount) = (8, 6, 24, 64)
  /// Of one mistake at most as many are among the worst: data sets have many copies of one picture.
  private static let alike = 3

  /// A class that is taken for another one.
  struct Pair {
    let label: Int, prediction: Int, count: Int
    /// The positions of examples: evenly from the highest probability to the lowest.
    let examples: [Int]
    /// The position of an image of the class that it was taken for.
    let genuine: Int?
  }

  /// The confusion matrix without its zeros.
  let confusion: [Examination.Count]
  /// The most frequent mistakes.
  let pairs: [Pair]
  /// The positions of the misread rows with the highest losses.
  let worst: [Int]
  /// The classes whose mean images are shown.
  let meanLabels: [Int]

  init(_ evaluation: Evaluation) {
    let (labels, predictions, probabilities) = (evaluation.labels, evaluation.predictions, evaluation.probabilities)
    let surest = { (positions: [Int]) in positions.sorted { (probabilities[$0], $1) > (probabilities[$1], $0) } }
    let cells = Dictionary(grouping: labels.indices) { [Int(labels[$0]), Int(predictions[$0])] }
    let counts = cells.map { Examination.Count(label: $0[0], prediction: $0[1], count: $1.count) }
      .sorted { ($0.label, $0.prediction) < ($1.label, $1.prediction) }
    confusion = counts
    pairs = counts.filter { $0.label != $0.prediction }
      .sorted { ($1.count, $0.label, $0.prediction) < ($0.count, $1.label, $1.prediction) }
      .prefix(Self.pairCount)
      .map { pair in
        let genuine =
          cells[[pair.prediction, pair.prediction]].flatMap { surest($0).first }
          ?? labels.firstIndex { Int($0) == pair.prediction }
        return Pair(
          label: pair.label, prediction: pair.prediction, count: pair.count,
          examples: Self.spread(surest(cells[[pair.label, pair.prediction]] ?? []), Self.exampleCount),
          genuine: genuine)
      }
    let loss = { (position: Int) in
      evaluation.losses[position].isNaN ? Float.infinity : evaluation.losses[position]
    }
    var taken: [[UInt16]: Int] = [:]
    worst = Array(
      labels.indices.filter { labels[$0] != predictions[$0] }
        .sorted { (loss($0), $1) > (loss($1), $0) }
        .filter { position in
          taken[[labels[position], predictions[position]], default: 0] += 1
          return taken[[labels[position], predictions[position]], default: 0] <= Self.alike
        }.prefix(Self.worstCount))
    meanLabels = Self.mostMisread(counts, Self.meanCount)
  }

  /// The positions of all rows that are shown, each once.
  var positions: [Int] {
    Set(pairs.flatMap(\.examples) + pairs.compactMap(\.genuine) + worst).sorted()
  }

  /// At most `count` of the positions: the first, the last, and evenly between.
  private static func spread(_ positions: [Int], _ count: Int) -> [Int] {
    guard positions.count > count else { return positions }
    return (0..<count).map { positions[$0 * (positions.count - 1) / (count - 1)] }
  }

  /// Of the classes that have rows, at most `limit`: those with the most mistakes. In order.
  private static func mostMisread(_ counts: [Examination.Count], _ limit: Int) -> [Int] {
    var misread: [Int: Int] = [:]
    for cell in counts { misread[cell.label, default: 0] += cell.label == cell.prediction ? 0 : cell.count }
    let ranked = misread.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    return ranked.prefix(limit).map(\.key).sorted()
  }
}
