import ArgumentParser
import Datasets
import Glibc
import ImageFiles
import Platform

/// `fingerspell data convert`.
struct Convert: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write rows of any source as CSV or npz.",
    discussion: """
      Rows are written as they are, in their order; so training on the result gives the same bits. Image files of any size \
      become images of 28 x 28 gray pixels, or those of --size and --channels, as train makes them of its network's input. A CSV \
      holds one part: name it with --part where the source has training and test rows. An npz holds both, as x_train, y_train, \
      x_test and y_test, or x and y for rows of unknown use.

      EXAMPLES
        fingerspell data convert data mnist.npz
        fingerspell data convert train-images-idx3-ubyte.gz train.csv
        fingerspell data convert mnist.npz test.csv --part test
        fingerspell data convert photos photos.npz --size 64x48 --channels 3 --fit pad
      """)

  /// A part of a data set.
  enum Part: String, ExpressibleByArgument, CaseIterable {
    case train, test
  }

  @Argument(help: ArgumentHelp("What to read: a file or a folder, as data inspect reads them.", valueName: "in"))
  var input: String

  @Argument(help: ArgumentHelp("The file to write, .csv or .npz, which must not exist yet.", valueName: "out"))
  var output: String

  @Option(help: ArgumentHelp("The part to write, if the source has both.", valueName: "part"))
  var part: Part?

  @Option(
    help: ArgumentHelp(
      "Height and width of the images. (default: the rows' own; 28x28 for image files)", valueName: "HxW"))
  var size: ImageSize?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("1 for gray images, 3 for color. (default: the rows' own; 1 for image files)", valueName: "n"))
  var channels: Int?

  @Option(
    help: ArgumentHelp(
      "What is done with images of another shape: crop them, pad them with the median of their border, stretch them, or cut out the hand: the box of what differs from the border's median. (default: crop)",
      valueName: "fit"))
  var fit: ImageFitting.Fit?

  @Flag(help: "Turn black to white and white to black: a pixel v becomes 255 - v.")
  var invert = false

  func validate() throws {
    if let channels, channels != 1, channels != 3 {
      throw ValidationError("--channels is \(channels); it must be 1 (gray) or 3 (color).")
    }
    guard isCSV || output.lowercased().hasSuffix(".npz") else {
      throw ValidationError("The file to write must end in .csv or .npz; \(foreign(output)) does not.")
    }
  }

  private var isCSV: Bool { output.lowercased().hasSuffix(".csv") }

  func run() throws {
    guard access(output, F_OK) != 0 else {
      throw Failure(.usage, "\(foreign(output)) already exists and is not overwritten; choose another name")
    }
    let wanted: DataReport.Use? = part.map { $0 == .train ? .training : .test }
    let sources = try FoundParts(input).sources.filter { wanted == nil || $0.use == wanted || $0.use == .rows }
    guard !sources.isEmpty else {
      throw Failure(.data, "\(foreign(input)) has no \(part == .train ? "training" : "test") rows under a known name")
    }
    guard !isCSV || sources.count == 1 else {
      throw Failure(
        .usage, "\(foreign(input)) has training and test rows, and a CSV holds one part: give --part train or test")
    }
    let tables = try sources.map { (use: $0.use, table: try table(of: $0.rows)) }
    if isCSV { try writeCSV(tables[0].table) } else { try writeNPZ(tables) }
    for (use, table) in tables {
      try Console().line(
        "\(foreign(output)): \(table.count) \(use == .rows ? "" : "\(use.rawValue) ")rows of \(table.format)")
    }
    if let numbering = try Self.numbering(sources[0].rows) { try Console().line(numbering) }
  }

  /// How labels that had names are numbered in the result; nil if they were numbers.
  private static func numbering(_ rows: any RowSource) throws -> String? {
    guard let names = try (rows as? any ImageSource)?.classNames(), names != .numbers(names.count) else { return nil }
    return "classes: " + names.names.enumerated().map { "\($0) \(foreign($1))" }.joined(separator: ", ")
  }

  /// All rows, as the images that are asked for.
  private func table(of rows: any RowSource) throws -> ImageTable {
    func format(else own: ImageFormat) -> ImageFormat {
      ImageFormat(
        height: size?.height ?? own.height, width: size?.width ?? own.width, channels: channels ?? own.channels)
    }
    if var images = rows as? any ImageSource {
      (images.fit, images.invert) = (fit ?? .crop, invert)
      let most = RowRequest.classCounts.upperBound
      return try images.part(
        0, of: 1, RowRequest(format: format(else: .mnist), classCount: most, needsLabels: false))
    }
    guard fit == nil || size != nil else {
      throw Failure(.usage, "--fit is for images that change their shape: give the new one with --size")
    }
    let table = try rows.tableAsFound()
    let wanted = format(else: table.format)
    guard wanted != table.format || invert else { return table }
    guard table.format.channels == 1 || table.format.channels == 3 else {
      throw Failure(
        .data,
        "\(foreign(rows.name)) has images of \(table.format); only gray ones and those of 3 channels can be changed")
    }
    return ImageFitting(wanted, fit: fit ?? .crop, invert: invert).fitted(table)
  }

  private func writeCSV(_ table: ImageTable) throws {
    let block = max(1, (1 << 22) / table.format.count)
    try AtomicFile.write(to: output) { put throws(FileError) in
      try put(CSVText.header(table.format, hasLabels: table.hasLabels))
      for start in stride(from: 0, to: table.count, by: block) {
        try put(CSVText.lines(of: table.rows(start..<min(start + block, table.count))))
      }
    }
  }

  private func writeNPZ(_ tables: [(use: DataReport.Use, table: ImageTable)]) throws {
    try AtomicFile.write(to: output) { put in
      var archive = NPZWriter()
      for (use, table) in tables {
        let suffix = use == .rows ? "" : use == .training ? "_train" : "_test"
        for piece in try archive.pieces(table, suffix: suffix) { try put(piece) }
      }
      try put(archive.end())
    }
  }
}
