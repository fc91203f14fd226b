import Datasets
import FoundationEssentials
import Platform
import Training
import Transforms

/// An evaluation as text and as JSON.
struct EvaluationReport {
  private let model: String
  private let data: String
  private let classes: ClassNames
  private let rows: Int
  private let means: Means
  private let confusion: ConfusionMatrix
  private let parametersSHA256: String
  private let corrupted: [(corruption: Corruption, means: Means)]

  /// - Parameters:
  ///   - parametersSHA256: that of the model's parameters.
  ///   - classes: the names of the classes.
  ///   - corrupted: the results on corrupted images.
  init(
    model: String, parametersSHA256: String, data: String, classes: ClassNames, evaluation: Evaluation,
    corrupted: [(corruption: Corruption, means: Means)] = []
  ) {
    self.corrupted = corrupted
    self.model = model
    self.parametersSHA256 = parametersSHA256
    self.data = data
    self.classes = classes
    rows = evaluation.labels.count
    means = evaluation.means
    confusion = ConfusionMatrix(evaluation, classes: classes.count)
  }

  /// The report for a reader, in lines of at most `columns` columns.
  func text(columns: Int) -> String {
    let summary =
      "\(foreign(model)) on \(foreign(data)), \(rows) rows\nloss: \(means.loss.fixed(4)) - accuracy: \(means.accuracy.fixed(4))\n"
    return summary + "\n" + classesText + "\n" + confusionText(columns: columns) + corruptedText
  }

  private var corruptedText: String {
    guard let seed = corrupted.first?.corruption.seed else { return "" }
    let lines = corrupted.map { corruption, means in
      corruption.kind.rawValue.left(21) + means.loss.fixed(4).right(9) + means.accuracy.fixed(4).right(11)
    }
    let head = ["", "corrupted images, seed \(seed)", "kind                      loss   accuracy"]
    return (head + lines).joined(separator: "\n") + "\n"
  }

  /// The width of the column of class names: 6, or more for long names, up to 30.
  private var nameWidth: Int {
    confusion.classes.reduce(6) { max($0, min(30, name($1.label).columns + 1)) }
  }

  private var classesText: String {
    let lines = confusion.classes.map { metrics in
      let fractions = [metrics.precision, metrics.recall, metrics.f1].map { ($0?.fixed(4) ?? "-").right(11) }
      return name(metrics.label).left(nameWidth) + String(metrics.support).right(6) + fractions.joined()
    }
    return (["class".left(nameWidth) + "  rows  precision     recall         F1"] + lines).joined(separator: "\n")
      + "\n"
  }

  /// Only classes that occur, as samples or as predictions; in blocks of as many predicted classes as the columns hold.
  private func confusionText(columns: Int) -> String {
    let labels = confusion.classes.map(\.label)
    let longest = labels.map { name($0).columns }.max() ?? 0
    let width = max(3, String(confusion.counts.joined().max() ?? 0).count + 1, min(30, longest + 1))
    let most = max(1, (columns - nameWidth) / width)
    // Blocks of about the same width.
    let blocks = max(1, (labels.count + most - 1) / most)
    var lines = ["confusion matrix: one line per true class, one column per predicted class"]
    for block in 0..<blocks {
      let shown = labels[block * labels.count / blocks..<(block + 1) * labels.count / blocks]
      if block > 0 { lines.append("") }
      lines.append("".left(nameWidth) + shown.map { name($0).right(width) }.joined())
      for row in labels {
        let counts = shown.map {
          (confusion.counts[row][$0] == 0 ? "." : String(confusion.counts[row][$0])).right(width)
        }
        lines.append(name(row).left(nameWidth) + counts.joined())
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The report for a program: numbers in their shortest form that reads back as the same number.
  func json() throws -> [UInt8] {
    let encoder = ExactJSON.encoder(.readable)
    let classes = confusion.classes.map {
      JSON.Class(name: self.classes.name(of: $0.label), metrics: $0)
    }
    let contents = JSON(
      model: model, data: data, rows: rows, loss: means.loss, accuracy: means.accuracy, classes: classes,
      confusion: confusion.counts, parametersSHA256: parametersSHA256,
      corruptions: corrupted.isEmpty
        ? nil
        : corrupted.map {
          JSON.Corrupted(
            kind: $0.kind.rawValue, seed: $0.seed, loss: $1.loss, accuracy: $1.accuracy)
        })
    return Array(try encoder.encode(contents))
  }

  /// The class's name, which may come from a file.
  private func name(_ label: Int) -> String { foreign(classes.name(of: label)) }
}

/// The contents of the JSON file.
private struct JSON: Encodable {
  private enum CodingKeys: String, CodingKey {
    case model, data, rows, loss, accuracy, classes, confusion, corruptions
    case parametersSHA256 = "parameters_sha256"
  }

  struct Class: Encodable {
    private enum Key: String, CodingKey { case name, label, support, precision, recall, f1 }

    let name: String
    let metrics: ConfusionMatrix.ClassMetrics

    /// A quotient that does not exist is null, not left out.
    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(name, forKey: .name)
      try container.encode(metrics.label, forKey: .label)
      try container.encode(metrics.support, forKey: .support)
      try container.encode(metrics.precision, forKey: .precision)
      try container.encode(metrics.recall, forKey: .recall)
      try container.encode(metrics.f1, forKey: .f1)
    }
  }

  struct Corrupted: Encodable {
    let kind: String
    let seed: UInt64
    let loss: Double
    let accuracy: Double
  }

  let model: String
  let data: String
  let rows: Int
  let loss: Double
  let accuracy: Double
  let classes: [Class]
  /// Counts by true label (row) and predicted label (column).
  let confusion: [[Int]]
  /// SHA-256 of the model's parameters, as in metrics.csv.
  let parametersSHA256: String
  /// The results on corrupted images, if requested.
  let corruptions: [Corrupted]?
}
