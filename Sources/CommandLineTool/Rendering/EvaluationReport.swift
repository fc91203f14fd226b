import Datasets
import FoundationEssentials
import Platform
import Training
import Transforms

/// An evaluation as text and as JSON.
struct EvaluationReport {
  private let model: String
  private let data: String
  private let rows: Int
  private let means: Means
  private let confusion: ConfusionMatrix
  private let corrupted: [(corruption: Corruption, means: Means)]

  /// - Parameter disturbed: what became of corrupted images.
  init(
    model: String, data: String, evaluation: Evaluation, corrupted: [(corruption: Corruption, means: Means)] = []
  ) {
    self.corrupted = corrupted
    self.model = model
    self.data = data
    rows = evaluation.labels.count
    means = evaluation.means
    confusion = ConfusionMatrix(evaluation)
  }

  /// The report for a reader, in lines of at most so many columns.
  func text(columns: Int) -> String {
    let summary =
      "\(foreign(model)) on \(foreign(data)), \(rows) rows\nloss: \(means.loss.fixed(4)) - accuracy: \(means.accuracy.fixed(4))\n"
    return summary + "\n" + lettersText + "\n" + confusionText(columns: columns) + corruptedText
  }

  private var corruptedText: String {
    guard let seed = corrupted.first?.corruption.seed else { return "" }
    let lines = corrupted.map { corruption, means in
      "\(corruption.kind)".left(9) + means.loss.fixed(4).right(9) + means.accuracy.fixed(4).right(11)
    }
    let head = ["", "corrupted images, seed \(seed)", "kind          loss   accuracy"]
    return (head + lines).joined(separator: "\n") + "\n"
  }

  private var lettersText: String {
    let lines = confusion.letters.map { letter in
      let fractions = [letter.precision, letter.recall, letter.f1].map { ($0?.fixed(4) ?? "-").right(11) }
      return Self.name(letter.label).left(6) + String(letter.support).right(6) + fractions.joined()
    }
    return (["letter  rows  precision     recall         F1"] + lines).joined(separator: "\n") + "\n"
  }

  /// Only letters that occur, as samples or as predictions; in blocks of as many predicted letters as the columns hold.
  private func confusionText(columns: Int) -> String {
    let labels = confusion.letters.map(\.label)
    let width = max(3, String(confusion.counts.joined().max() ?? 0).count + 1)
    let most = max(1, (columns - 6) / width)
    // Blocks of about the same width.
    let blocks = max(1, (labels.count + most - 1) / most)
    var lines = ["confusion: a line for each true letter, a column for each predicted one"]
    for block in 0..<blocks {
      let shown = labels[block * labels.count / blocks..<(block + 1) * labels.count / blocks]
      if block > 0 { lines.append("") }
      lines.append("      " + shown.map { Self.name($0).right(width) }.joined())
      for row in labels {
        let counts = shown.map {
          (confusion.counts[row][$0] == 0 ? "." : String(confusion.counts[row][$0])).right(width)
        }
        lines.append(Self.name(row).left(6) + counts.joined())
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The report for a program: numbers in their shortest form that reads back as the same number.
  func json() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let letters = confusion.letters.map {
      JSON.Letter(letter: Self.name($0.label), metrics: $0)
    }
    let contents = JSON(
      model: model, data: data, rows: rows, loss: means.loss, accuracy: means.accuracy, letters: letters,
      confusion: confusion.counts,
      corrupted: corrupted.isEmpty
        ? nil
        : corrupted.map {
          JSON.Disturbed(
            kind: $0.kind.rawValue, seed: $0.seed, loss: $1.loss, accuracy: $1.accuracy)
        })
    return Array(try encoder.encode(contents))
  }

  private static func name(_ label: Int) -> String { ClassNames.name(of: label) }
}

/// The contents of the JSON file.
private struct JSON: Encodable {
  struct Letter: Encodable {
    private enum Key: String, CodingKey { case letter, label, support, precision, recall, f1 }

    let letter: String
    let metrics: ConfusionMatrix.ClassMetrics

    /// A quotient that does not exist is null, not left out.
    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(letter, forKey: .letter)
      try container.encode(metrics.label, forKey: .label)
      try container.encode(metrics.support, forKey: .support)
      try container.encode(metrics.precision, forKey: .precision)
      try container.encode(metrics.recall, forKey: .recall)
      try container.encode(metrics.f1, forKey: .f1)
    }
  }

  struct Disturbed: Encodable {
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
  let letters: [Letter]
  /// Counts by true label (row) and predicted label (column), 25 x 25.
  let confusion: [[Int]]
  /// The accuracy on corrupted images, where it was asked for.
  let corrupted: [Disturbed]?
}
