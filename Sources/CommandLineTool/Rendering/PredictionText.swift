import Datasets
import Platform
import Predictions
import Training

/// A prediction as text for a reader.
struct PredictionText {
  /// The names of the classes.
  let classes: ClassNames
  /// How many candidates are told.
  var top = 3
  /// Whether the inputs are told by their names, and not by their rows alone.
  var tellsNames = true

  /// `2 of 3 right`; nil where no truth is known.
  static func score(_ report: PredictionReport) -> String? {
    guard let score = right(report) else { return nil }
    return score + (unknown(report).map { "; \($0)" } ?? "")
  }

  /// `2 of 3 right`, and nothing more.
  static func right(_ report: PredictionReport) -> String? {
    let (right, judged) = report.score
    return judged > 0 ? "\(right) of \(judged) right" : nil
  }

  /// That some true classes are not known, where others are.
  static func unknown(_ report: PredictionReport) -> String? {
    let others = report.predictions.count - report.score.of
    guard others > 0, report.score.of > 0 else { return nil }
    return "the true class of \(others) more is not known"
  }

  /// How many images are unlike the training images; nil for none.
  static func warning(_ report: PredictionReport) -> String? {
    guard let unlike = report.unlike, unlike > 0 else { return nil }
    let all = report.predictions.count
    let subject = all == 1 ? "the image looks" : "\(unlike) of \(all) images \(unlike == 1 ? "looks" : "look")"
    return "\(subject) unlike the training images: what the model says of \(unlike == 1 ? "it" : "them") means little"
  }

  /// `hand.jpg`, `rows.csv, row 3`, or `row 3`.
  func name(_ input: PredictionInput) -> String {
    let name = input.name == PredictionSources.standardInput ? "standard input" : foreign(input.name)
    guard let row = input.row else { return name }
    return tellsNames ? "\(name), row \(row)" : "row \(row)"
  }

  /// `F 98.7 %`.
  func text(_ candidate: Predictor.Candidate) -> String {
    "\(foreign(classes.name(of: candidate.label))) \(Double(candidate.probability).percent)"
  }

  /// The true class, if it is known.
  func truth(_ input: PredictionInput) -> String? { input.truth.map { foreign(classes.name(of: $0)) } }

  /// In what the image is unlike the training images; nil for one that is like them, or where that is not known.
  func differences(_ prediction: ImagePrediction) -> String? {
    prediction.differences.flatMap { $0.isEmpty ? nil : $0.joined(separator: ", ") }
  }

  /// A line, and another one for an image that is unlike the training images.
  func title(_ predicted: PredictedInput) -> String {
    let shown = predicted.prediction.candidates.prefix(top).map(text)
    var title = "\(name(predicted.input)): \(shown[0])"
    if shown.count > 1 { title += ", then \(shown.dropFirst().joined(separator: ", "))" }
    if let isRight = predicted.isRight, let truth = truth(predicted.input) {
      title += isRight ? "; right" : "; wrong, it is \(truth)"
    }
    if let differences = differences(predicted.prediction) { title += "\n  unlike the training images: \(differences)" }
    return title
  }
}
