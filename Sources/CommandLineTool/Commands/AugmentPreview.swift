import ArgumentParser
import Datasets
import Platform
import Training

/// `fingerspell data augment-preview`.
struct AugmentPreview: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show how training changes its images: a page of originals beside what becomes of them.",
    discussion: """
      Writes a PNG of pairs: on the left a training image, on the right what train with the same ranges and seed is given \
      for it in that epoch, to the pixel.

      Without --data and --train-csv it takes the training rows in data/ or, where there are none, of the synthetic data set.

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
    help: ArgumentHelp("Rows to show, the first being 0.", valueName: "n"))
  var rows: [Int] = []

  @Option(
    name: .customLong("random"), parsing: .unconditional,
    help: ArgumentHelp(
      "Show so many different rows, drawn at random. (default: 48, where no --row is given)", valueName: "k"))
  var randomRows: Int?

  @Option(parsing: .unconditional, help: ArgumentHelp("The epoch of the changes, from 1.", valueName: "n"))
  var epoch = 1

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The seed of the changes and of the random choice, from 0.", valueName: "number"))
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
    let table = try source.rows(needsLabels: false).table
    let ranges = augmentation.ranges()
    let pairs = try chosenRows(of: table, source.name).map { row in
      let image = Array(table.image(row))
      var changed = image
      ranges.augment(image, seed: seed, epoch: epoch - 1, row: row, into: &changed)
      return ImagePairs.Pair(left: image, right: changed)
    }
    try page.write(ImagePairs(pairs).png.bytes)
    try console.line(
      "\(foreign(output)): \(pairs.count) images of \(foreign(source.name)), each beside itself as it is in epoch \(epoch) under seed \(seed)"
    )
  }

  private var selection: DataSelection {
    if let data { return .folder(data) }
    return trainCSV.map { .files(train: $0, test: nil) } ?? .automatic
  }

  private func chosenRows(of table: ImageTable, _ source: String) throws -> [Int] {
    if let row = rows.first(where: { $0 >= table.count }) {
      throw Failure(.usage, "--row is \(row), but \(source) has \(table.count) rows: 0 to \(table.count - 1)")
    }
    guard rows.isEmpty else { return rows }
    let count = randomRows ?? min(48, table.count)
    guard count <= table.count else {
      throw Failure(.usage, "--random is \(count), but \(source) has only \(table.count) rows")
    }
    return randomSelection(of: count, below: table.count, seed: seed)
  }
}
