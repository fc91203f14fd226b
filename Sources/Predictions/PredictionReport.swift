import Datasets
import FoundationEssentials
import Platform

/// Predictions for programs: as JSON, and as CSV.
package struct PredictionReport {
  /// The model's path.
  package let model: String
  /// The names of the classes.
  package let classes: ClassNames
  /// All predictions, in the order of the inputs.
  package let predictions: [PredictedInput]
  /// What could not be used.
  package let failures: [FailedInput]
  /// How many of the most confidently wrong predictions are told; nil for all predictions.
  package var wrong: Int?
  /// How many candidates are listed apart, the most probable first; nil for none.
  package var top: Int?

  /// The predictions of a model.
  package init(
    model: String, classes: ClassNames, predictions: [PredictedInput], failures: [FailedInput], wrong: Int? = nil,
    top: Int? = nil
  ) {
    self.model = model
    self.classes = classes
    self.predictions = predictions
    self.failures = failures
    self.wrong = wrong
    self.top = top
  }

  /// The predictions that are told: in the order of the inputs, or the wrong ones, the most confident first.
  package var told: [PredictedInput] {
    guard let wrong else { return predictions }
    let errors = predictions.enumerated().filter { $1.isRight == false }
    return errors.sorted {
      (-$0.element.prediction.probability, $0.offset) < (-$1.element.prediction.probability, $1.offset)
    }
    .prefix(wrong).map(\.element)
  }

  /// The predictions whose truth is known, and how many of them are right.
  package var score: (right: Int, of: Int) {
    let judged = predictions.compactMap(\.isRight)
    return (judged.count { $0 }, judged.count)
  }

  /// The predictions whose images are unlike the training images; nil where the model does not tell what these look like.
  package var unlike: Int? {
    predictions.contains { $0.prediction.differences != nil }
      ? predictions.count { $0.prediction.differences?.isEmpty == false } : nil
  }

  /// The report as JSON, a prediction a line. Every text in it is as it is, but what could steer a terminal is escaped as JSON escapes it.
  package func json() throws -> [UInt8] {
    let (right, judged) = score
    let summary = Summary(
      model: model, classes: classes.names,
      failures: failures.isEmpty ? nil : failures.map { Summary.Failed(input: $0.name, error: "\($0.error)") },
      accuracy: judged == 0 ? nil : Double(right) / Double(judged), correct: judged == 0 ? nil : right,
      labelled: judged == 0 ? nil : judged, unlikeTraining: unlike)
    var text = visible([UInt8](try ExactJSON.encoder(.readable).encode(summary)))
    // Within the object's last brace, which is a line of its own.
    text.removeLast("\n}".utf8.count)
    text += ",\n  \"predictions\" : [".utf8
    let format = PredictionJSON(classes)
    for (index, predicted) in told.enumerated() {
      text += (index > 0 ? ",\n    " : "\n    ").utf8
      text += format.object(predicted.prediction, top: top, input: predicted.input)
    }
    text += "\n  ]\n}\n".utf8
    return text
  }

  /// The report without the predictions.
  private struct Summary: Encodable {
    struct Failed: Encodable { let input: String, error: String }

    let model: String
    let classes: [String]
    let failures: [Failed]?
    let accuracy: Double?, correct: Int?, labelled: Int?
    let unlikeTraining: Int?

    enum CodingKeys: String, CodingKey {
      case model, classes, failures, accuracy, correct, labelled
      case unlikeTraining = "unlike_training"
    }
  }
}
