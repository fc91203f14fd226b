import ArgumentParser
import Pages
import Platform
import Runs

/// `fingerspell report`.
struct Report: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write the report of a run, or of several runs side by side.",
    discussion: """
      The report is one HTML file that needs no other: curves, confusion matrix, the commonest mistakes with images, and what is \
      needed to repeat the run. It is made of the files in the run folder alone. train writes it there when it ends.

      If the folder has a test.json, which evaluate --json has written, the report shows these results too, on corrupted \
      images for instance.

      Of several runs it shows the results side by side, the options that differ, and the curves over one another.

      EXAMPLES
        fingerspell report runs/first
        fingerspell report runs/first runs/second --output compare.html
        fingerspell report runs/first --svg figures
        fingerspell evaluate runs/first/model.safetensors --data data \\
          --corruption all --json runs/first/test.json
        fingerspell report runs/first
      """)

  @Argument(help: ArgumentHelp("The folder of a run, or of several.", valueName: "run"))
  var runs: [String]

  @Option(
    help: ArgumentHelp(
      "Where to write the page; - is standard output. (default: report.html in the folder of the run; for several runs, here)",
      valueName: "file"))
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Also write the curves and, of a single run, the confusion matrix as SVG files into this folder.",
      valueName: "folder"))
  var svg: String?

  func run() throws {
    let records = try runs.map { try RunRecord(path: $0) }
    let path = output ?? (runs.count == 1 ? Folders.trimmed(runs[0]) + "/" : "") + RunFolder.File.report.rawValue
    let inputs = runs.flatMap { run in
      RunFolder.File.allCases.filter { $0 != .report }.map { Folders.trimmed(run) + "/" + $0.rawValue }
    }
    let file = try OutputFile(path, inputs: inputs)
    let single = records.count == 1 ? RunReport(records[0]) : nil
    let several = ComparisonReport(records)
    if let svg {
      try Folders.make(svg)
      for picture in single?.pictures ?? several.pictures {
        try AtomicFile.write(picture.text, to: Folders.trimmed(svg) + "/" + picture.name)
      }
    }
    try file.write(Array((single?.html ?? several.html).utf8))
    if !file.isStandardOutput { try Console().line("Report: \(foreign(path))") }
  }
}
