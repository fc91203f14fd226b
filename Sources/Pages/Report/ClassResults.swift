import Datasets
import Runs
import Training

/// A confusion matrix with the names of its classes, as a report reads it.
struct ClassResults {
  /// The names of all classes.
  let names: ClassNames
  /// The classes that occur, as samples or as predictions.
  let labels: [Int]
  private let matrix: ConfusionMatrix
  private let metrics: [Int: ConfusionMatrix.ClassMetrics]

  /// What a run's own evaluation of its validation rows, or one of the user's, says; nil if there is none.
  init?(_ record: RunRecord) {
    let known = record.description.images?.classNames.map { ClassNames($0) }
    if let examination = record.examination {
      self.init(examination.confusion, known ?? .standard(examination.classes), classes: examination.classes)
    } else if let test = record.test {
      let counts = test.confusion.enumerated().flatMap { label, row in
        row.enumerated().filter { $0.element > 0 }.map {
          Examination.Count(label: label, prediction: $0.offset, count: $0.element)
        }
      }
      self.init(counts, known ?? .standard(test.confusion.count), classes: test.confusion.count)
    } else {
      return nil
    }
  }

  init(_ counts: [Examination.Count], _ names: ClassNames, classes: Int) {
    self.names = names.fitted(to: classes)
    matrix = ConfusionMatrix(counts, classes: classes)
    metrics = Dictionary(uniqueKeysWithValues: matrix.classes.map { ($0.label, $0) })
    labels = metrics.keys.sorted()
  }

  /// The name of a class.
  func name(_ label: Int) -> String { names.name(of: label) }

  /// How often images of a class were read as one.
  func count(_ label: Int, as prediction: Int) -> Int { matrix.counts[label][prediction] }

  /// The images of a class.
  func support(_ label: Int) -> Int { metrics[label]?.support ?? 0 }

  /// The fraction of a class' images that is read correctly; nil if it has none.
  func recall(_ label: Int) -> Double? { metrics[label]?.recall }

  /// The fraction of the images read as a class that is of it; nil if there are none.
  func precision(_ label: Int) -> Double? { metrics[label]?.precision }

  /// The harmonic mean of both.
  func f1(_ label: Int) -> Double? { metrics[label]?.f1 }

  /// All images, and those that were misread.
  var rows: Int { labels.reduce(0) { $0 + support($1) } }
  var misread: Int { rows - labels.reduce(0) { $0 + count($1, as: $1) } }

  /// The classes that have images, the one that is read worst first.
  var worstFirst: [Int] {
    let recalls = labels.compactMap { label in recall(label).map { (label: label, recall: $0) } }
    return recalls.sorted { ($0.recall, $0.label) < ($1.recall, $1.label) }.map(\.label)
  }

  /// The mistakes, the most frequent first.
  var mistakes: [Examination.Count] {
    let all = labels.flatMap { label in
      labels.filter { $0 != label && count(label, as: $0) > 0 }
        .map { Examination.Count(label: label, prediction: $0, count: count(label, as: $0)) }
    }
    return all.sorted { ($1.count, $0.label, $0.prediction) < ($0.count, $1.label, $1.prediction) }
  }

  /// The classes that take part in the most mistakes, in their order; all of them if they are no more than the limit.
  func mostConfused(_ limit: Int) -> [Int] {
    guard labels.count > limit else { return labels }
    var wrong: [Int: Int] = [:]
    for mistake in mistakes {
      wrong[mistake.label, default: 0] += mistake.count
      wrong[mistake.prediction, default: 0] += mistake.count
    }
    return labels.sorted { (wrong[$1] ?? 0, $0) < (wrong[$0] ?? 0, $1) }.prefix(limit).sorted()
  }
}
