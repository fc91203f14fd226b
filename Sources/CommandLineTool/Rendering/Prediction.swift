import Datasets
import Platform
import Training

/// The prediction of one row.
struct Prediction {
  /// The row, from 0.
  let row: Int
  /// The pixels.
  let image: [UInt8]
  /// What the image is made of.
  let format: ImageFormat
  /// The true label, if the rows have labels.
  let truth: Int?
  /// All labels, the most probable first.
  let candidates: [Predictor.Candidate]
  /// The names of the classes.
  let classes: ClassNames

  /// Whether the most probable class is the true one; nil if that is unknown.
  var isRight: Bool? { truth.map { candidates[0].label == $0 } }

  /// The true class, if it is known.
  var trueClass: String? { truth.map { foreign(classes.name(of: $0)) } }

  /// `2 of 3 right`; nil for rows without labels.
  static func score(_ predictions: [Prediction]) -> String? {
    guard predictions.allSatisfy({ $0.truth != nil }) else { return nil }
    return "\(predictions.count { $0.isRight == true }) of \(predictions.count) right"
  }

  /// `F 98.7 %`.
  var best: String { text(candidates[0]) }

  /// The next two: `E 1.0 %, W 0.2 %`.
  var runnersUp: String { candidates.dropFirst().prefix(2).map(text).joined(separator: ", ") }

  /// One line for a reader.
  var title: String {
    let text = "row \(row): \(best), then \(runnersUp)"
    guard let isRight, let trueClass else { return text }
    return text + (isRight ? "; right" : "; wrong, it is \(trueClass)")
  }

  private func text(_ candidate: Predictor.Candidate) -> String {
    "\(foreign(classes.name(of: candidate.label))) \(Double(candidate.probability).percent)"
  }
}
