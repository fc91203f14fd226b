import ArgumentParser
import Datasets
import Glibc
import Platform
import Training

/// `fingerspell data`.
struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "Write the synthetic data set, describe or convert a data set, preview augmentation, or take pictures.",
    subcommands: [Synthesize.self, Inspect.self, Convert.self, AugmentPreview.self, CapturePageCommand.self])
}

/// `fingerspell data synthesize`.
struct Synthesize: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write the synthetic data set in Kaggle's format.",
    discussion: """
      Writes \(DataFiles.trainName) and \(DataFiles.testName): drawn hands of 24 letters, the same bytes on every machine \
      for the same seed. A network has to learn them, but its accuracy says nothing about real hands.

      EXAMPLES
        fingerspell data synthesize practice
        fingerspell data synthesize practice --train-rows 500 --seed 7
      """)

  @Argument(help: ArgumentHelp("The folder, which must not hold a data set yet; created if missing.", valueName: "dir"))
  var folder: String

  @Option(parsing: .unconditional, help: ArgumentHelp("Rows to train on.", valueName: "n"))
  var trainRows = SyntheticSet.Part.train.defaultRows

  @Option(parsing: .unconditional, help: ArgumentHelp("Rows to validate on.", valueName: "n"))
  var testRows = SyntheticSet.Part.test.defaultRows

  @Option(parsing: .unconditional, help: ArgumentHelp("The seed of all that is drawn, from 0.", valueName: "number"))
  var seed: UInt64 = 1

  func validate() throws {
    for (option, rows) in [("--train-rows", trainRows), ("--test-rows", testRows)] {
      try Bounds.check(option, rows, Bounds.rows)
    }
  }

  func run() throws {
    let paths = [DataFiles.trainName, DataFiles.testName].map { "\(folder)/\($0)" }
    for path in paths where access(path, F_OK) == 0 {
      throw Failure(.usage, "\(foreign(path)) already exists and is not overwritten; choose another folder")
    }
    try Folders.make(folder)
    for (path, part, rows) in [(paths[0], SyntheticSet.Part.train, trainRows), (paths[1], .test, testRows)] {
      try Self.write(part, rows: rows, seed: seed, to: path)
    }
    // When both are there: whoever reads this may be gone by then.
    for (path, rows) in zip(paths, [trainRows, testRows]) { try Console().line("\(foreign(path)): \(rows) rows") }
  }

  /// Writes a part block by block, so that a set of any size needs little memory.
  static func write(_ part: SyntheticSet.Part, rows: Int, seed: UInt64, to path: String) throws {
    let block = 1024
    try AtomicFile.write(to: path) { put throws(FileError) in
      try put(CSVText.header(SyntheticSet.format))
      for start in stride(from: 0, to: rows, by: block) {
        let table = SyntheticSet.make(part, rows: start..<min(start + block, rows), seed: seed)
        try put(CSVText.lines(of: table))
      }
    }
  }
}
