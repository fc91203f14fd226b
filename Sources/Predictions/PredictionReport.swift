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

  /// The report as JSON, indented. Every text in it is as it is, but what could steer a terminal is escaped as JSON escapes it.
  package func json() throws -> [UInt8] {
    let (right, judged) = score
    let contents = Contents(
      model: model, classes: classes.names,
      predictions: told.map { PredictionJSON($0.prediction, classes, top: top, input: $0.input) },
      failures: failures.isEmpty ? nil : failures.map { Contents.Failed(input: $0.name, error: "\($0.error)") },
      accuracy: judged == 0 ? nil : Double(right) / Double(judged), correct: judged == 0 ? nil : right,
      labelled: judged == 0 ? nil : judged, unlikeTraining: unlike)
    return visible(try ExactJSON.encoder(.readable).encode(contents)) + [UInt8(ascii: "\n")]
  }

  private struct Contents: Encodable {
    struct Failed: Encodable { let input: String, error: String }

    let model: String
    let classes: [String]
    let predictions: [PredictionJSON]
    let failures: [Failed]?
    let accuracy: Double?, correct: Int?, labelled: Int?
    let unlikeTraining: Int?

    enum CodingKeys: String, CodingKey {
      case model, classes, predictions, failures, accuracy, correct, labelled
      case unlikeTraining = "unlike_training"
    }
  }
}

/// A prediction as JSON: what `PredictionReport` has for each input.
package struct PredictionJSON: Encodable {
  private struct Candidate: Encodable { let label: String, probability: Float }

  private let input: String?, row: Int?
  private let label: String, probability: Float
  private let probabilities: [String: Float]
  private let top: [Candidate]?
  private let truth: String?
  private let isUnlike: Bool?
  private let differences: [String]?

  private enum CodingKeys: String, CodingKey {
    case input, row, label, probability, probabilities, top
    case truth = "true"
    case isUnlike = "unlike_training"
    case differences = "unlike_training_in"
  }

  /// - Parameters:
  ///   - top: how many candidates to list apart; nil for none.
  ///   - input: what was predicted, where it has a name.
  package init(_ prediction: ImagePrediction, _ classes: ClassNames, top: Int? = nil, input: PredictionInput? = nil) {
    self.input = input?.name
    row = input?.row
    label = classes.name(of: prediction.label)
    probability = prediction.probability
    probabilities = Dictionary(
      prediction.candidates.map { (classes.name(of: $0.label), $0.probability) },
      uniquingKeysWith: { first, _ in first })
    self.top = top.map { count in
      prediction.candidates.prefix(count).map {
        Candidate(label: classes.name(of: $0.label), probability: $0.probability)
      }
    }
    truth = input?.truth.map(classes.name(of:))
    isUnlike = prediction.differences.map { !$0.isEmpty }
    differences = prediction.differences.flatMap { $0.isEmpty ? nil : $0 }
  }
}

/// JSON with every character outside of ASCII that is not visible escaped, so that the text cannot steer a terminal.
package func visible(_ json: Data) -> [UInt8] {
  guard json.contains(where: { $0 >= 0x7F }) else { return Array(json) }
  var text: [UInt8] = []
  text.reserveCapacity(json.count)
  for scalar in String(decoding: json, as: UTF8.self).unicodeScalars {
    if scalar.value < 0x7F || foreign(String(scalar)).unicodeScalars.count == 1 {
      text += UTF8.encode(scalar)!
    } else {
      for unit in UTF16.encode(scalar)! {
        let digits = String(unit, radix: 16)
        text += "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8
      }
    }
  }
  return text
}
