import ArgumentParser
import Datasets
import Monitoring
import Platform
import Runs
import Training

/// `fingerspell predict`.
struct Predict: WatchedCommand {
  static let configuration = CommandConfiguration(
    abstract: "Read letters from images of the test rows.",
    discussion: """
      Shows for each row the most probable letter with its probability and the runners-up, the true letter, and the image: \
      in gray on a terminal, in characters elsewhere or where NO_COLOR is set. Rows of a CSV without the column label have no \
      true letter.

      Without --data and --test-csv it takes the test rows in data/ or, where there are none, of the synthetic data set.

      EXAMPLES
        fingerspell predict model.safetensors --data data --row 0 1 2
        fingerspell predict model.safetensors --random 64 --gallery letters.html
      """)

  @OptionGroup var model: ModelArgument
  @OptionGroup(title: "Data") var data: TestDataOptions
  @OptionGroup(title: "Watchdog") var watchdog: WatchdogOptions

  @Option(
    name: .customLong("row"), parsing: .upToNextOption,
    help: ArgumentHelp("Rows to look at, the first being 0.", valueName: "n"))
  var rows: [Int] = []

  @Option(
    name: .customLong("random"), parsing: .unconditional,
    help: ArgumentHelp(
      "Look at so many different rows, drawn at random. (default: 3, where no --row is given)", valueName: "k"))
  var randomRows: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The seed of the random choice, from 0. (default: 1)", valueName: "number"))
  var seed: UInt64?

  @Option(
    help: ArgumentHelp(
      "Also write a page of the images, titled with prediction and truth: one HTML file that needs no other.",
      valueName: "file"))
  var gallery: String?

  func validate() throws {
    if !rows.isEmpty, randomRows != nil || seed != nil {
      throw ValidationError("--row names the rows; leave out --random and --seed.")
    }
    if let row = rows.first(where: { $0 < 0 }) { throw ValidationError("--row is \(row); the first row is 0.") }
    if let count = randomRows { try Bounds.check("--random", count, Bounds.rows) }
  }

  func run() throws {
    let console = Console()
    let file = try StoredModel(path: model.path)
    let predictor = Predictor(parameters: file.parameters, preprocessing: file.preprocessing)
    let source = try data.selection.source(.test)
    let page = try gallery.map { try OutputFile($0, inputs: [model.path] + source.paths + data.selection.files) }
    let (table, hasLabels) = try source.rows(needsLabels: false)
    let predictions = try chosenRows(of: table, source.name).map { row in
      Prediction(
        row: row, image: Array(table.image(row)), truth: hasLabels ? Int(table.labels[row]) : nil,
        candidates: predictor.candidates(for: Array(table.image(row))))
    }
    for warning in file.warnings(path: model.path, on: source) { Ending.complain("warning: \(warning)") }
    // Before what is printed, which a closed pipe may cut off.
    try page?.write(Array(Gallery(model: model.path, data: source.name, predictions: predictions).html.utf8))
    let picture = TerminalImage(colors: console.hasColors)
    for prediction in predictions {
      try console.write(prediction.title + "\n" + picture.text(prediction.image) + "\n")
    }
    if let score = Prediction.score(predictions) { try console.line(score) }
  }

  private func chosenRows(of table: ImageTable, _ source: String) throws -> [Int] {
    if let row = rows.first(where: { $0 >= table.count }) {
      throw Failure(.usage, "--row is \(row), but \(source) has \(table.count) rows: 0 to \(table.count - 1)")
    }
    guard rows.isEmpty else { return rows }
    let count = randomRows ?? min(3, table.count)
    guard count <= table.count else {
      throw Failure(.usage, "--random is \(count), but \(source) has only \(table.count) rows")
    }
    return randomSelection(of: count, below: table.count, seed: seed ?? 1)
  }
}
