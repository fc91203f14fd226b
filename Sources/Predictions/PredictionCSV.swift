import Platform

/// Predictions as CSV (RFC 4180): a line of names, then a line for each prediction.
package struct PredictionCSV {
  private let report: PredictionReport
  private let isForTerminal: Bool

  /// - Parameter isForTerminal: whether names with invisible characters are shown as a terminal takes them, and not as they are.
  package init(_ report: PredictionReport, isForTerminal: Bool) {
    self.report = report
    self.isForTerminal = isForTerminal
  }

  /// The whole text.
  package var text: String { header + report.told.map(line).joined() }

  /// The columns: the input with its row, the prediction, the candidates after it that were asked for, the truth, what is odd, and the
  /// probability of every class.
  package var header: String {
    var fields = ["input", "row", "label", "probability"]
    for place in 1..<max(1, min(report.top ?? 1, report.classes.count)) {
      fields += ["label_\(place + 1)", "probability_\(place + 1)"]
    }
    fields += ["true", "unlike_training", "unlike_training_in"]
    return record(fields + report.classes.names.map { "p_\($0)" })
  }

  /// The line of a prediction.
  package func line(_ predicted: PredictedInput) -> String {
    let (input, prediction, classes) = (predicted.input, predicted.prediction, report.classes)
    let listed = prediction.candidates.prefix(max(1, report.top ?? 1))
    var fields = [input.name, input.row.map(String.init) ?? ""]
    for candidate in listed { fields += [classes.name(of: candidate.label), "\(candidate.probability)"] }
    fields.append(input.truth.map(classes.name(of:)) ?? "")
    fields.append(prediction.differences.map { $0.isEmpty ? "false" : "true" } ?? "")
    fields.append(prediction.differences?.joined(separator: "; ") ?? "")
    return record(fields + prediction.probabilities.map { "\($0)" })
  }

  private func record(_ fields: [String]) -> String { fields.map(field).joined(separator: ",") + "\n" }

  private func field(_ text: String) -> String {
    let text = isForTerminal ? foreign(text) : text
    let needsQuotes =
      text.utf8.contains { [0x22, 0x2C, 0x0A, 0x0D].contains($0) } || text.first == " " || text.last == " "
    return needsQuotes ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
  }
}
