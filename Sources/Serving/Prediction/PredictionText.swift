/// What the model says of one image.
struct ImageAnswer: Sendable {
  /// Of all classes, in the network's order.
  let probabilities: [Float]
  /// In what it is unlike the training images: empty for one that is like them, nil where these are not known.
  let differences: [String]?
}

/// The answers to predictions, in JSON with the fields of `predict`.
///
/// `{"predictions": [{"label": "A", "probability": 0.98, "probabilities": {"A": 0.98, ...}, "unlike_training": false}, ...]}`. Numbers
/// are the shortest decimal fractions that are read back as the same single-precision bits.
struct PredictionText: Sendable {
  /// Each class's name, as JSON has it.
  private let names: [[UInt8]]

  init(classNames: [String]) {
    names = classNames.map { name in
      var text: [UInt8] = []
      text.appendJSON(name)
      return text
    }
  }

  /// The answer of these predictions.
  ///
  /// - Parameter top: how many classes are told, the most probable first; nil for all, in the network's order.
  func json(_ predictions: [ImageAnswer], top: Int?) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(64 + predictions.count * (64 + 24 * min(top ?? .max, names.count)))
    text += "{\"predictions\": [".utf8
    for (index, prediction) in predictions.enumerated() {
      if index > 0 { text += ", ".utf8 }
      append(prediction.probabilities, top: top, to: &text)
      if let differences = prediction.differences { append(differences: differences, to: &text) }
      text += "}".utf8
    }
    text += "]}\n".utf8
    return text
  }

  private func append(_ probabilities: [Float], top: Int?, to text: inout [UInt8]) {
    let best = probabilities.indices.reduce(0) { probabilities[$1] > probabilities[$0] ? $1 : $0 }
    text += "{\"label\": ".utf8
    text += names[best]
    text += ", \"probability\": ".utf8
    text += number(probabilities[best])
    text += ", \"probabilities\": {".utf8
    let order = top.map { ranked(probabilities).prefix($0) } ?? ArraySlice(probabilities.indices)
    for (place, label) in order.enumerated() {
      if place > 0 { text += ", ".utf8 }
      text += names[label]
      text += ": ".utf8
      text += number(probabilities[label])
    }
    text += "}".utf8
  }

  private func append(differences: [String], to text: inout [UInt8]) {
    text += ", \"unlike_training\": \(!differences.isEmpty)".utf8
    guard !differences.isEmpty else { return }
    text += ", \"unlike_training_in\": [".utf8
    for (place, difference) in differences.enumerated() {
      if place > 0 { text += ", ".utf8 }
      text.appendJSON(difference)
    }
    text += "]".utf8
  }

  /// The classes, the most probable first; of equal ones the lower.
  private func ranked(_ probabilities: [Float]) -> [Int] {
    probabilities.indices.sorted { (probabilities[$0], $1) > (probabilities[$1], $0) }
  }

  /// JSON has no infinities and no NaN, which a network with damaged parameters computes.
  private func number(_ value: Float) -> String.UTF8View {
    (value.isFinite ? value.description : "null").utf8
  }
}
