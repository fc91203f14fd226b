import ArgumentParser
import Datasets
import ImageFiles
import Monitoring
import Platform
import Predictions
import Runs
import Training

/// `fingerspell predict`.
struct Predict: WatchedCommand {
  static let configuration = CommandConfiguration(
    abstract: "Predict the classes of photographs, or of test images.",
    discussion: """
      The inputs are PNG and JPEG files of any size, folders of them, lists of images, and tables of rows, with labels or without. In a \
      folder, folders that are named like classes say what is true. Each input gets a line: the most probable class with its probability, \
      the runners-up, and the truth. An image that looks unlike the training images is marked: what the model says of it means little. \
      An input that cannot be read is told, the others continue, and the exit code says so at the end.

      Without inputs, it shows three test rows, or those of --row or --random, each with its image: in gray on a terminal, in \
      characters elsewhere or if NO_COLOR is set. They are those of --data or --test-csv, or in data/ or, if there are none, of the \
      synthetic data set.

      EXAMPLES
        fingerspell predict model.safetensors hand.jpg --show-input
        fingerspell predict model.safetensors photos --fit hand --gallery photos.html
        fingerspell predict model.safetensors photos rows.csv --format csv
        fingerspell predict model.safetensors --data data --wrong 20
        fingerspell predict model.safetensors --random 64 --gallery letters.html
      """)

  @OptionGroup var model: ModelArgument

  @Argument(
    help: ArgumentHelp(
      "What to predict, in this order: image files, folders of them, lists of images, tables of rows; - is an image on standard input.",
      valueName: "input"))
  var inputs: [String] = []

  @OptionGroup(title: "Network") var network: NetworkOption
  @OptionGroup(title: "Data") var data: TestDataOptions
  @OptionGroup(title: "Data") var classNames: ClassNamesOption
  @OptionGroup(title: "Images") var images: ImageOptions
  @OptionGroup(title: "Output") var output: PredictionOutputOptions
  @OptionGroup(title: "Watchdog") var watchdog: WatchdogOptions

  @Option(
    name: .customLong("row"), parsing: .upToNextOption,
    help: ArgumentHelp("Rows of a table to predict, from 0.", valueName: "n"))
  var rows: [Int] = []

  @Option(
    name: .customLong("random"), parsing: .unconditional,
    help: ArgumentHelp(
      "Number of rows to draw at random. (default: all of the inputs; 3, if no input and no --row is given)",
      valueName: "k"))
  var randomRows: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Random seed (>= 0) of the choice. (default: 1)", valueName: "number"))
  var seed: UInt64?

  func validate() throws {
    if !rows.isEmpty, randomRows != nil || seed != nil {
      throw ValidationError("--row names the rows; leave out --random and --seed.")
    }
    if let row = rows.first(where: { $0 < 0 }) { throw ValidationError("--row is \(row); the first row is 0.") }
    if let count = randomRows { try Bounds.check("--random", count, Bounds.rows) }
    guard !inputs.isEmpty else { return }
    if let option = data.data != nil ? "--data" : data.testCSV != nil ? "--test-csv" : nil {
      throw ValidationError("\(option) and \(inputs[0]) both name what to predict; leave one out.")
    }
    if choosesRows, inputs.count > 1 || inputs[0] == PredictionSources.standardInput {
      throw ValidationError("--row, --random and --seed choose rows of one table; name one input.")
    }
    if images.cache != nil {
      throw ValidationError("--cache keeps the images of a data set, and inputs are read as they are; leave it out.")
    }
  }

  private var choosesRows: Bool { !rows.isEmpty || randomRows != nil || seed != nil }

  func run() throws {
    let file = try StoredModel(path: model.path, network: network.architecture())
    let names = try classNames.names
    let request = file.architecture.rowRequest
    if let names { try request.check(names) }
    var job = PredictionJob(
      classifier: ImageClassifier(file, fit: images.fit, invert: images.invert, classes: names), model: model.path,
      options: output)
    if inputs.isEmpty || choosesRows {
      var source = try (inputs.first.map { .testFile($0) } ?? data.selection).source(.test)
      source.request = request
      try source.name(classes: names)
      source = try images.applied(to: source, of: file.images, framing: file.framing)
      // Before the rows are read, which may take long.
      try job.open(besides: source.paths + data.selection.files)
      try job.choose(from: source, selection)
      job.warn(file.warnings(path: model.path, on: source))
    } else {
      job.find(inputs)
      try job.open(besides: job.inputs.compactMap(\.path) + inputs)
      job.warn(file.warnings(path: model.path, on: nil))
    }
    try job.run()
  }

  /// Which rows of a table; all where only the wrong ones are shown.
  private var selection: RowSelection {
    RowSelection(
      named: rows, random: randomRows, usual: output.wrong == nil && inputs.isEmpty ? 3 : .max, seed: seed ?? 1)
  }
}

/// What `predict` writes, and how.
struct PredictionOutputOptions: ParsableArguments {
  /// How predictions are written to standard output.
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text, json, csv
  }

  @Option(
    help: ArgumentHelp(
      "How predictions are written: as lines for a reader, or with the probabilities of all classes as JSON or CSV. (default: text)",
      valueName: "format"))
  var format: Format?

  @Option(
    help: ArgumentHelp(
      "Also write the predictions as JSON; - is standard output, and then nothing else is printed.", valueName: "file"))
  var json: String?

  @Option(
    help: ArgumentHelp(
      "Also write a page of the images with predictions and true classes: one self-contained HTML file; - is standard output, and then nothing else is printed.",
      valueName: "file"))
  var gallery: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How many of the most probable classes are listed. (default: 3; JSON and CSV list all without order)",
      valueName: "k"))
  var top: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Show only this many of the wrong predictions, the most confident first; the rows need true classes.",
      valueName: "n"))
  var wrong: Int?

  @Flag(
    inversion: .prefixedNo,
    help:
      "Draw what the network sees of each image, in the terminal and in the gallery. (default: for rows that --row, --random or nothing chooses)"
  )
  var showInput: Bool?

  func validate() throws {
    if let top { try Bounds.check("--top", top, Bounds.top) }
    if let wrong { try Bounds.check("--wrong", wrong, Bounds.rows) }
    if json == OutputFile.standardOutput, let format, format != .json {
      throw ValidationError("--json - and --format \(format.rawValue) both write to standard output; leave one out.")
    }
    if let gallery, gallery == json || (gallery == OutputFile.standardOutput && format ?? .text != .text) {
      let isFile = gallery != OutputFile.standardOutput
      throw ValidationError(
        isFile
          ? "--json and --gallery both write to \(foreign(gallery)); name two files."
          : "--gallery - and \(json == gallery ? "--json -" : "--format \(effectiveFormat.rawValue)") both write to standard output; "
            + "leave one out.")
    }
    if showInput == true, effectiveFormat != .text, gallery == nil {
      throw ValidationError("--show-input draws for a reader: use it with --format text, or with --gallery.")
    }
  }

  /// The format of standard output.
  var effectiveFormat: Format { json == OutputFile.standardOutput ? .json : format ?? .text }
}
