import ArgumentParser
import Datasets
import Monitoring
import Platform
import Runs
import Training

/// `fingerspell predict`.
struct Predict: WatchedCommand {
  static let configuration = CommandConfiguration(
    abstract: "Predict the classes of test images.",
    discussion: """
      Shows for each row the predicted class with its probability, the runners-up, the true class, and the image: in gray on a \
      terminal, in characters elsewhere or if NO_COLOR is set. A CSV without a label column has no true classes.

      Without --data and --test-csv it uses the test rows in data/ or, if there are none, of the synthetic data set.

      EXAMPLES
        fingerspell predict model.safetensors --data data --row 0 1 2
        fingerspell predict model.safetensors --random 64 --gallery letters.html
      """)

  @OptionGroup var model: ModelArgument
  @OptionGroup(title: "Network") var network: NetworkOption
  @OptionGroup(title: "Data") var data: TestDataOptions
  @OptionGroup(title: "Data") var classNames: ClassNamesOption
  @OptionGroup(title: "Images") var images: ImageOptions
  @OptionGroup(title: "Watchdog") var watchdog: WatchdogOptions

  @Option(
    name: .customLong("row"), parsing: .upToNextOption,
    help: ArgumentHelp("Rows to predict, from 0.", valueName: "n"))
  var rows: [Int] = []

  @Option(
    name: .customLong("random"), parsing: .unconditional,
    help: ArgumentHelp(
      "Number of rows to draw at random. (default: 3, if no --row is given)", valueName: "k"))
  var randomRows: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Random seed (>= 0) of the choice. (default: 1)", valueName: "number"))
  var seed: UInt64?

  @Option(
    help: ArgumentHelp(
      "Also write a page of the images with predictions and true classes: one self-contained HTML file.",
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
    let file = try StoredModel(path: model.path, network: network.architecture())
    let predictor = Predictor(
      file.architecture, parameters: file.parameters, preprocessing: file.preprocessing)
    var source = try data.selection.source(.test)
    source.request = file.architecture.rowRequest
    try source.name(classes: classNames.names)
    source = try images.applied(to: source, of: file.images)
    let page = try gallery.map { try OutputFile($0, inputs: [model.path] + source.paths + data.selection.files) }
    let table = try source.table(needsLabels: false)
    let classes = try source.classNames()
    let selected = RowSelection(named: rows, random: randomRows, usual: 3, seed: seed ?? 1)
    let predictions = try selected.rows(of: table.count, source: source.name).map { row in
      Prediction(
        row: row, image: Array(table.image(row)), format: table.format,
        truth: table.hasLabels ? Int(table.labels[row]) : nil,
        candidates: predictor.candidates(for: Array(table.image(row))), classes: classes)
    }
    for warning in file.warnings(path: model.path, on: source) { Ending.complain("warning: \(warning)") }
    // Before what is printed, which a closed pipe may cut off.
    let contents = Gallery(model: model.path, data: source.name, predictions: predictions, format: table.format)
    try page?.write(Array(contents.html.utf8))
    let picture = TerminalImage(table.format, colors: console.hasColors, columns: console.columns)
    for prediction in predictions {
      try console.write(prediction.title + "\n" + picture.text(prediction.image) + "\n")
    }
    if let score = Prediction.score(predictions) { try console.line(score) }
  }
}
