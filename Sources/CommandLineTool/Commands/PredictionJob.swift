import Datasets
import Platform
import Predictions

/// What `fingerspell predict` does: finds the inputs, predicts them, and writes what came of them.
struct PredictionJob {
  let classifier: ImageClassifier
  /// The model's path.
  let model: String
  let options: PredictionOutputOptions
  /// The images, in their order.
  private(set) var inputs: [PredictionInput] = []
  /// What could not be used.
  private var failures: [FailedInput] = []
  /// What was predicted, for the gallery.
  private var data = ""
  /// Whether rows of a table are shown one by one, each with its image.
  private var isChoice = false
  private var page: OutputFile?
  private var results: OutputFile?
  private let console = Console()

  init(classifier: ImageClassifier, model: String, options: PredictionOutputOptions) {
    self.classifier = classifier
    self.model = model
    self.options = options
  }

  /// Takes rows of a source.
  mutating func choose(from source: DataSource, _ selection: RowSelection) throws {
    let table = try source.table(needsLabels: false)
    let rows = try selection.rows(of: table.count, source: source.name)
    inputs = PredictionInput.rows(rows, of: table, named: source.name)
    data = source.name
    isChoice = true
  }

  /// Takes all that the paths name.
  mutating func find(_ paths: [String]) {
    for path in paths {
      do {
        inputs += try PredictionSources.inputs(at: path, classifier) { Ending.complain("warning: \($0)") }
      } catch {
        failures.append(FailedInput(name: path, error: error))
      }
    }
    data = paths.count > 3 ? "\(paths[0]) and \(paths.count - 1) more" : paths.joined(separator: ", ")
  }

  /// Looks whether what is to be written can be, before anything is computed.
  mutating func open(besides paths: [String]) throws {
    let read = [model] + paths
    page = try options.gallery.map { try OutputFile($0, inputs: read) }
    results = try options.json.flatMap { $0 == OutputFile.standardOutput ? nil : try OutputFile($0, inputs: read) }
  }

  /// Tells the user something.
  func warn(_ warnings: [String]) {
    for warning in warnings { Ending.complain("warning: \(warning)") }
  }

  /// Predicts and writes. Throws where some inputs could not be used, after all others were.
  mutating func run() throws {
    // A single input that is wrong is a failure like any command's.
    let early = failures
    if inputs.isEmpty, early.count == 1, let only = early.first { throw only.error }
    for failure in early { Ending.complain(Advice.message(failure.error)) }
    // What is written last must be whole even if nobody reads the lines to their end.
    let streams = page == nil && results == nil && options.wrong == nil && options.effectiveFormat != .json
    var predictions: [PredictedInput] = []
    let isAlone = inputs.count == 1 && early.isEmpty
    try classifier.predict(inputs, thumbnails: page != nil) { result in
      Launch.stillHere()
      switch result {
      case .success(let predicted):
        if streams { try write(predicted, isFirst: predictions.isEmpty) }
        predictions.append(predicted)
      case .failure(let failure):
        if isAlone { throw failure.error }
        failures.append(failure)
        Ending.complain(Advice.message(failure.error))
      }
    }
    let report = report(predictions)
    if let wrong = options.wrong, !predictions.isEmpty, report.score.of == 0 {
      throw Failure(
        .usage,
        "--wrong is \(wrong), but no true classes are known: name rows with labels, or folders that are named like the classes"
      )
    }
    try writeFiles(report)
    if !streams { try writeAll(report) }
    try end(report)
  }

  private func report(_ predictions: [PredictedInput]) -> PredictionReport {
    PredictionReport(
      model: model, classes: classifier.classes, predictions: predictions, failures: failures, wrong: options.wrong,
      top: options.top)
  }

  private func writeFiles(_ report: PredictionReport) throws {
    try results?.write(report.json())
    guard let page else { return }
    let gallery = Gallery(
      report, data: data, text: text, format: classifier.format, showsInput: options.showInput ?? false)
    try page.write(Array(gallery.html.utf8))
  }

  // MARK: Standard output

  private var text: PredictionText {
    PredictionText(classes: classifier.classes, top: options.top ?? 3, tellsNames: !isChoice)
  }

  /// Writes a prediction as one of many.
  private func write(_ predicted: PredictedInput, isFirst: Bool) throws {
    if options.effectiveFormat == .csv {
      let csv = PredictionCSV(report([]), isForTerminal: console.isTerminal)
      return try console.write((isFirst ? csv.header : "") + csv.line(predicted))
    }
    var lines = text.title(predicted) + "\n"
    if options.showInput ?? isChoice {
      let picture = TerminalImage(classifier.format, colors: console.hasColors, columns: console.columns)
      lines += picture.text(predicted.prediction.image) + "\n"
    }
    try console.write(lines)
  }

  /// Whether standard output is the gallery.
  private var isPageOnly: Bool { options.gallery == OutputFile.standardOutput }

  private func writeAll(_ report: PredictionReport) throws {
    switch options.effectiveFormat {
    case .json: try console.write(String(decoding: report.json(), as: UTF8.self))
    case .csv: try console.write(PredictionCSV(report, isForTerminal: console.isTerminal).text)
    case .text:
      guard !isPageOnly else { return }
      for predicted in report.told { try write(predicted, isFirst: false) }
    }
  }

  /// The last lines, and the failure of some inputs.
  private func end(_ report: PredictionReport) throws {
    if options.effectiveFormat == .text, !isPageOnly, let score = PredictionText.score(report) {
      try console.line(score)
    }
    if let warning = PredictionText.warning(report) { Ending.complain("warning: \(warning)") }
    guard let first = failures.first else { return }
    let all = report.predictions.count + failures.count
    throw Failure(FailureKind(of: first.error), "\(failures.count) of \(counted(all, "input")) could not be used")
  }
}
