import Datasets
import FoundationEssentials
import ImageFiles
import Pages
import Platform
import Predictions

/// A page of predictions: a card for each image, which can be sorted and filtered.
struct Gallery {
  private let report: PredictionReport
  private let data: String
  private let text: PredictionText
  private let format: ImageFormat
  private let showsInput: Bool

  /// - Parameters:
  ///   - data: what was predicted, for the line below the title.
  ///   - format: that of the network's input.
  ///   - showsInput: whether a photograph's card shows what the network sees too.
  init(_ report: PredictionReport, data: String, text: PredictionText, format: ImageFormat, showsInput: Bool) {
    self.report = report
    self.data = data
    self.text = text
    self.format = format
    self.showsInput = showsInput
  }

  /// The page, which needs no other file.
  var html: String {
    let told = report.told
    let title = PredictionText.right(report) ?? counted(report.predictions.count, "image")
    var page = Page(title: "Fingerspell: \(title)")
    page.style = PageAssets.galleryStyle
    page.script = PageAssets.galleryScript
    page.body = """
      <header>
      <h1>\(escaped(title))</h1>
      <p class="quiet">\(escaped(report.model)) on \(escaped(data))\(note)</p>
      </header>
      <main>
      \(tools(told))
      <ul class="cards">
      \(told.enumerated().map(card).joined(separator: "\n"))
      </ul>
      \(failures)
      </main>
      """
    return page.html
  }

  /// What is shown, where that is not all of it.
  private var note: String {
    let unknown = PredictionText.unknown(report).map { "; \(escaped($0))" } ?? ""
    guard report.wrong != nil else { return unknown }
    return unknown + (told == 0 ? "; none is wrong" : "; the \(told == 1 ? "one" : "\(told)") most confidently wrong")
  }

  private var told: Int { report.told.count }

  // MARK: The tools above the cards

  private func tools(_ told: [PredictedInput]) -> String {
    guard told.count > 1 else { return "" }
    let wrong = told.count { $0.isRight == false }
    let unlike = told.count { $0.prediction.differences?.isEmpty == false }
    let filters = [
      ("all", "All", told.count), ("wrong", "Wrong", wrong), ("unlike", "Unlike training", unlike),
    ].filter { $0.0 == "all" || $0.2 > 0 && $0.2 < told.count }
    let buttons = filters.map { key, name, count in
      "<button type=\"button\" data-filter=\"\(key)\" aria-pressed=\"\(key == "all")\">\(name) <span>\(count)</span></button>"
    }
    let labels = Set(told.flatMap { [$0.prediction.label, $0.input.truth ?? $0.prediction.label] }).sorted()
    let options = labels.map { "<option value=\"\($0)\">\(escaped(report.classes.name(of: $0), limit: 64))</option>" }
    return """
      <form class="tools off" aria-label="What is shown">
      <div class="chips" role="group" aria-label="Filter">\(filters.count > 1 ? buttons.joined() : "")</div>
      <label>Class <select name="class"><option value="">any</option>\(options.joined())</select></label>
      <label>Order <select name="order"><option value="given">\(report.wrong == nil ? "as given" : "most confident first")</option>\
      <option value="least">least certain first</option><option value="most">most certain first</option></select></label>
      <output aria-live="polite"></output>
      </form>
      """
  }

  // MARK: A card

  private func card(_ index: Int, _ predicted: PredictedInput) -> String {
    let (prediction, input) = (predicted.prediction, predicted.input)
    let verdict = predicted.isRight.map { $0 ? "right" : "wrong" } ?? "unknown"
    let differences = text.differences(prediction)
    let name = text.name(input)
    let marks = [
      "class=\"\(verdict)\"", "data-n=\"\(index)\"", "data-p=\"\(prediction.probability)\"",
      "data-label=\"\(prediction.label)\"", input.truth.map { "data-true=\"\($0)\"" },
      differences == nil ? nil : "data-unlike",
    ].compactMap { $0 }
    let judged =
      text.truth(input).map { truth in
        verdict == "right"
          ? "<p class=\"verdict\">right, true \(escaped(truth))</p>"
          : "<p class=\"verdict\">wrong, true \(escaped(truth))</p>"
      } ?? ""
    return """
      <li \(marks.joined(separator: " "))>
      <div class="pictures">\(pictures(predicted, name))</div>
      <p class="answer"><strong>\(escaped(report.classes.name(of: prediction.label)))</strong> \
      <span>\(Double(prediction.probability).percent)</span></p>
      \(judged)
      \(bars(prediction))
      \(differences.map { "<p class=\"odd\">Unlike the training images: \(escaped($0))</p>" } ?? "")
      <p class="name" title="\(escaped(name))">\(escaped(shortened(name)))</p>
      </li>
      """
  }

  /// The end of a long name says most.
  private func shortened(_ name: String) -> String {
    name.count <= 44 ? name : "…" + name.suffix(43)
  }

  private func pictures(_ predicted: PredictedInput, _ name: String) -> String {
    let seen = image(
      predicted.prediction.image, format, "what the network sees of \(name)",
      isPixels: max(format.width, format.height) <= 64)
    guard let photograph = predicted.thumbnail else { return seen }
    let shown = image(photograph.pixels, photograph.format, name, isPixels: false)
    return showsInput ? shown + seen : shown
  }

  private func image(_ pixels: [UInt8], _ format: ImageFormat, _ name: String, isPixels: Bool) -> String {
    let png = Data(PNGImage(pixels, format).bytes).base64EncodedString()
    return "<img\(isPixels ? " class=\"pixels\"" : "") alt=\"\(escaped(name))\" src=\"data:image/png;base64,\(png)\">"
  }

  /// The candidates after the first, with their probabilities as bars.
  private func bars(_ prediction: ImagePrediction) -> String {
    let others = prediction.candidates.prefix(text.top)
    guard others.count > 1 else { return "" }
    let lines = others.map { candidate in
      let percent = max(0, min(100, Double(candidate.probability) * 100))
      return "<div><em>\(escaped(report.classes.name(of: candidate.label), limit: 64))</em>"
        + "<i style=\"--p:\(percent.fixed(1))%\"></i><span>\(Double(candidate.probability).percent)</span></div>"
    }
    return "<div class=\"bars\">\(lines.joined())</div>"
  }

  private var failures: String {
    guard !report.failures.isEmpty else { return "" }
    let lines = report.failures.map { "<li>\(escaped("\($0.error)"))</li>" }
    return "<section class=\"card failures\"><h2>Not read</h2><ul>\(lines.joined(separator: "\n"))</ul></section>"
  }
}
