import ArgumentParser
import Datasets
import Platform
import Training
import Transforms

/// `fingerspell data augment-preview`.
struct AugmentPreview: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Preview augmentation: a page of training images beside their augmented versions.",
    discussion: """
      Writes a PNG of pairs: on the left a training image, on the right the exact pixels that train sees in that epoch, with \
      the same ranges and seed.

      Without --data and --train-csv it uses the training rows in data/ or, if there are none, of the synthetic data set.

      EXAMPLES
        fingerspell data augment-preview --data data
        fingerspell data augment-preview --augment-noise 40 --output noisy.png
      """)

  @Option(help: ArgumentHelp("The folder of the data set, whose sign_mnist_train.csv is taken.", valueName: "dir"))
  var data: String?

  @Option(
    name: .customLong("train-csv"), help: ArgumentHelp("The CSV of the rows, instead of --data.", valueName: "file"))
  var trainCSV: String?

  @Option(
    name: .customLong("row"), parsing: .upToNextOption,
    help: ArgumentHelp("Rows to show, from 0.", valueName: "n"))
  var rows: [Int] = []

  @Option(
    name: .customLong("random"), parsing: .unconditional,
    help: ArgumentHelp(
      "Number of rows to draw at random. (default: 48, if no --row is given)", valueName: "k"))
  var randomRows: Int?

  @Option(parsing: .unconditional, help: ArgumentHelp("The epoch of the augmentation, from 1.", valueName: "n"))
  var epoch = 1

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Random seed (>= 0) of the augmentation and of the choice.", valueName: "number"))
  var seed: UInt64 = 1

  @Option(help: ArgumentHelp("The PNG file to write.", valueName: "file"))
  var output = "augmented.png"

  @OptionGroup(title: "Augmentation") var augmentation: AugmentationOptions

  /// More would make a page that nobody can look at.
  private static let mostRows = 1000

  func validate() throws {
    if data != nil, trainCSV != nil {
      throw ValidationError("--data and --train-csv name the same rows; leave one out.")
    }
    if !rows.isEmpty, randomRows != nil { throw ValidationError("--row names the rows; leave out --random.") }
    if let row = rows.first(where: { $0 < 0 }) { throw ValidationError("--row is \(row); the first row is 0.") }
    if rows.count > Self.mostRows {
      throw ValidationError("--row names \(rows.count) rows; a page holds at most \(Self.mostRows).")
    }
    if let count = randomRows { try Bounds.check("--random", count, 1...Self.mostRows) }
    try Bounds.check("--epoch", epoch, Bounds.epochs)
  }

  func run() throws {
    let console = Console()
    let source = try selection.source(.train)
    let page = try OutputFile(output, inputs: source.paths + selection.files)
    let table = try source.table(needsLabels: false)
    let format = table.format
    try Augmenter.check(format)
    let drawing = ImagePairs(format)
    let selected = RowSelection(named: rows, random: randomRows, usual: min(48, drawing.capacity), seed: seed)
    let chosen = try selected.rows(of: table.count, source: source.name)
    guard chosen.count <= drawing.capacity else {
      throw Failure(
        .usage,
        "a page holds at most \(drawing.capacity) images of \(format); choose fewer rows"
      )
    }
    let augmenter = Augmenter(augmentation.ranges(), format)
    let pairs = chosen.map { row in
      let image = Array(table.image(row))
      var augmented = image
      augmenter.augment(image, seed: seed, epoch: epoch - 1, row: row, into: &augmented)
      return ImagePairs.Pair(left: image, right: augmented)
    }
    try page.write(drawing.png(pairs).bytes)
    try console.line(
      "\(foreign(output)): \(pairs.count) images of \(foreign(source.name)), each with its augmented version of epoch \(epoch), seed \(seed)"
    )
  }

  private var selection: DataSelection {
    if let data { return .folder(data) }
    return trainCSV.map { .files(train: $0, test: nil) } ?? .automatic
  }
}
