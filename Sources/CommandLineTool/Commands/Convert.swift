import ArgumentParser
import Datasets
import Glibc
import Platform

/// `fingerspell data convert`.
struct Convert: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write rows of any source as CSV or npz.",
    discussion: """
      The images are written as they are, in the order of the rows; so training on the result gives the same bits. A CSV holds \
      one part: name it with --part where the source has training and test rows. An npz holds both, as x_train, y_train, \
      x_test and y_test, or x and y for rows of unknown use.

      EXAMPLES
        fingerspell data convert data mnist.npz
        fingerspell data convert train-images-idx3-ubyte.gz train.csv
        fingerspell data convert mnist.npz test.csv --part test
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

  func validate() throws {
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
    let tables = try sources.map { (use: $0.use, table: try $0.rows.tableAsFound()) }
    if isCSV { try writeCSV(tables[0].table) } else { try writeNPZ(tables) }
    for (use, table) in tables {
      try Console().line(
        "\(foreign(output)): \(table.count) \(use == .rows ? "" : "\(use.rawValue) ")rows of \(table.format)")
    }
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
