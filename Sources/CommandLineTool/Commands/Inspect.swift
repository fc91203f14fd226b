import ArgumentParser
import Datasets
import Glibc
import ImageFiles
import Platform

/// `fingerspell data inspect`.
struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Describe a data set: rows, classes, checksums and warnings.",
    discussion: """
      Reads every row, so it finds any fault in the files that training would find. Warnings about legal but unusual data \
      (classes without rows, duplicate images, test rows among the training rows) are listed at the end. For a folder or an \
      archive it describes the training and the test rows, or those that exist.

      EXAMPLES
        fingerspell data inspect data
        fingerspell data inspect my-rows.csv.gz
        fingerspell data inspect mnist.npz --class-names digits.txt
      """)

  @Argument(
    help: ArgumentHelp(
      """
      A file of rows (CSV, the same in .gz or .zip, IDX, npz), a list or a folder of images (of which 28 x 28 gray pixels are \
      made), or a folder with the files of a known data set.
      """,
      valueName: "path"))
  var path: String

  @OptionGroup var classNames: ClassNamesOption

  func run() throws {
    let given = try classNames.names
    let found = try FoundParts(path)
    var inputs: [DataReport.Input] = []
    var classes = given
    for (use, found) in found.sources {
      var source = found
      if let given, var images = source as? any ImageSource {
        // The names of folders and lists are looked up in them, as train does.
        images.givenClasses = given
        source = images
      }
      // The rows first: a file of absurd size is found faulty before all its bytes are hashed.
      let table = try source.tableAsFound()
      if let given, let label = table.labels.max(), label >= given.count {
        throw Failure(
          .data,
          "\(foreign(source.name)) has rows of class \(label), but \(foreign(classNames.path ?? "")) names only the classes "
            + "0-\(given.count - 1)")
      }
      // Two parts of one set have the names that both need.
      let names = try source.classNames(for: table)
      if given == nil, (classes?.count ?? 0) < names.count { classes = names }
      inputs.append(
        DataReport.Input(
          use, path: source.name, bytes: try source.versions().reduce(0) { $0 + $1.size },
          sha256: try source.sha256 { true }?.description ?? "", table: table,
          pictures: try (source as? any ImageSource)?.pictures()))
    }
    let report = DataReport(inputs, classes ?? .signLanguageMNIST)
    try Console().line((report.lines + found.absent).joined(separator: "\n"))
  }
}

/// The parts of a data set at a path, for commands that take whatever is there.
struct FoundParts {
  /// The parts, training rows first.
  let sources: [(use: DataReport.Use, rows: any RowSource)]
  /// What is not there, a sentence each.
  let absent: [String]

  /// Looks at what is at the path.
  init(_ path: String) throws {
    // A name such as a CSV's that leads nowhere is a file that is missing, not a folder.
    if DataFiles.isFile(path) || path.lowercased().hasSuffix(".csv") && access(path, F_OK) != 0 {
      let images = try ImageSources.found(at: path)
      guard images.isEmpty else {
        (sources, absent) = (Self.described(images), [])
        return
      }
      let file = try RowFile(path: path)
      sources = [(.training, file.train), (.test, file.test), (.rows, file.rows)].compactMap { use, rows in
        rows.map { (use, $0) }
      }
      absent = []
      return
    }
    var (sources, absent, missing) = ([(use: DataReport.Use, rows: any RowSource)](), [String](), (any Error)?.none)
    for (part, use) in [(DataFiles.Part.train, DataReport.Use.training), (.test, .test)] {
      do {
        sources.append((use, try DataFolder.sources([part], at: path)[0]))
      } catch let error as DataFilesMissing {
        absent.append("\(part.fileName) is not in \(foreign(path))")
        missing = missing ?? error
      } catch let error as DataSetUnclear {
        absent.append("\(error)")
        missing = missing ?? error
      }
    }
    if sources.isEmpty {
      // Tables come first: some have pictures beside them.
      (sources, absent) = (Self.described(try ImageSources.found(at: path)), [])
      if sources.isEmpty { throw ImageSources.unreadable(at: path) ?? Self.whole(missing, path) }
    }
    (self.sources, self.absent) = (sources, absent)
  }

  private static func described(
    _ images: [(part: DataFiles.Part?, rows: any ImageSource)]
  ) -> [(use: DataReport.Use, rows: any RowSource)] {
    images.map { part, rows in
      var rows = rows
      rows.warn = { Ending.complain("warning: \($0)") }
      return (part == nil ? .rows : part == .train ? .training : .test, rows)
    }
  }

  /// Where there is nothing, the error says what is there instead.
  private static func whole(_ found: (any Error)?, _ path: String) -> any Error {
    guard found is DataFilesMissing else { return found ?? Failure(.data, "\(foreign(path)) has no rows") }
    do throws(DataFilesMissing) {
      _ = try DataFiles.locate(in: path)
      return Failure(.data, "\(foreign(path)) was changed while it was looked at")
    } catch {
      var missing = error
      missing.mayBeFile = true
      return missing
    }
  }
}

/// The names of the classes, from a file.
struct ClassNamesOption: ParsableArguments {
  @Option(
    name: .customLong("class-names"),
    help: ArgumentHelp(
      "The names of the classes: a file with one name a line, class 0 first, or a JSON list. Folders and lists of images get the "
        + "labels of the names here.",
      valueName: "file"))
  var path: String?

  /// The names in the file, if one is given.
  var names: ClassNames? {
    get throws { try path.map { try ClassNames(path: $0) } }
  }
}
