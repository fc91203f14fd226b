import NeuralNet

/// The confusion matrix: counts by true label (row) and predicted label (column).
public struct ConfusionMatrix: Equatable, Sendable {
  /// The counts, [classes][classes].
  public private(set) var counts: [[Int]]

  /// The matrix of an evaluation with that number of classes.
  public init(_ evaluation: Evaluation, classes: Int) {
    counts = Array(repeating: Array(repeating: 0, count: classes), count: classes)
    for (label, prediction) in zip(evaluation.labels, evaluation.predictions) {
      counts[Int(label)][Int(prediction)] += 1
    }
  }

  /// The matrix of the counts that are not 0.
  public init(_ cells: [Examination.Count], classes: Int) {
    counts = Array(repeating: Array(repeating: 0, count: classes), count: classes)
    for cell in cells { counts[cell.label][cell.prediction] = cell.count }
  }

  /// Precision, recall and F1 of one class; nil where the quotient is 0 / 0.
  public struct ClassMetrics: Equatable, Sendable {
    /// The label.
    public let label: Int
    /// The samples of the class.
    public let support: Int
    /// The fraction of the samples predicted as this class that are of it.
    public let precision: Double?
    /// The fraction of the class' samples that were predicted as it.
    public let recall: Double?
    /// The harmonic mean of both.
    public let f1: Double?
  }

  /// The metrics of every label that occurs among the samples or the predictions.
  public var classes: [ClassMetrics] {
    counts.indices.compactMap { label in
      let correct = counts[label][label]
      let support = counts[label].reduce(0, +)
      let predicted = counts.reduce(0) { $0 + $1[label] }
      guard support + predicted > 0 else { return nil }
      return ClassMetrics(
        label: label, support: support, precision: quotient(correct, predicted), recall: quotient(correct, support),
        f1: quotient(2 * correct, support + predicted))
    }
  }

  private func quotient(_ a: Int, _ b: Int) -> Double? { b == 0 ? nil : Double(a) / Double(b) }
}
