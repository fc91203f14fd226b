import Datasets
import Platform
import Training

/// Predictions as JSON objects: those of `predict`, and of a server.
///
/// `{"label": "A", "probability": 0.98, "probabilities": {"A": 0.98, ...}}`, with more fields where more is known. Numbers are the
/// shortest decimal fractions that are read back as the same single-precision bits. It is written byte by byte, because a server writes tens
/// of thousands of them in a second.
package struct PredictionJSON: Sendable {
  /// Each class's name, as JSON has it.
  private let names: [[UInt8]]

  /// For a model with these classes.
  package init(_ classes: ClassNames) { names = classes.names.map(Self.quoted) }

  /// The object of a prediction.
  ///
  /// - Parameters:
  ///   - top: how many candidates are listed apart, the most probable first; nil for none.
  ///   - input: what was predicted, where it has a name.
  package func object(_ prediction: ImagePrediction, top: Int? = nil, input: PredictionInput? = nil) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(128 + 24 * names.count)
    text += "{".utf8
    if let input {
      text += "\"input\": ".utf8 + Self.quoted(input.name) + ", ".utf8
      if let row = input.row { text += "\"row\": \(row), ".utf8 }
    }
    appendCandidate(prediction.label, prediction.probability, to: &text)
    text += ", \"probabilities\": {".utf8
    for (label, probability) in prediction.probabilities.enumerated() {
      if label > 0 { text += ", ".utf8 }
      text += names[label]
      text += ": ".utf8
      text += Self.number(probability)
    }
    text += "}".utf8
    if let top { appendTop(prediction.candidates.prefix(top), to: &text) }
    if let truth = input?.truth { text += ", \"true\": ".utf8 + names[truth] }
    if let differences = prediction.differences { appendDifferences(differences, to: &text) }
    text += "}".utf8
    return text
  }

  private func appendCandidate(_ label: Int, _ probability: Float, to text: inout [UInt8]) {
    text += "\"label\": ".utf8
    text += names[label]
    text += ", \"probability\": ".utf8
    text += Self.number(probability)
  }

  private func appendTop(_ candidates: ArraySlice<Predictor.Candidate>, to text: inout [UInt8]) {
    text += ", \"top\": [".utf8
    for (place, candidate) in candidates.enumerated() {
      text += place > 0 ? ", {".utf8 : "{".utf8
      appendCandidate(candidate.label, candidate.probability, to: &text)
      text += "}".utf8
    }
    text += "]".utf8
  }

  private func appendDifferences(_ differences: [String], to text: inout [UInt8]) {
    text += ", \"unlike_training\": \(!differences.isEmpty)".utf8
    guard !differences.isEmpty else { return }
    text +=
      ", \"unlike_training_in\": [".utf8 + Array(differences.map(Self.quoted).joined(separator: ", ".utf8)) + "]".utf8
  }

  private static func quoted(_ text: String) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.appendJSON(text)
    return visible(bytes)
  }

  /// JSON has no infinities and no NaN, which a network with damaged parameters computes.
  private static func number(_ value: Float) -> String.UTF8View {
    (value.isFinite ? value.description : "null").utf8
  }
}
