import Foundation
import Pages
import Runs
import TestTags
import Testing

/// Reports are functions of what a run folder says. With FINGERSPELL_UPDATE_GOLDENS=1 the goldens are written again.
@Suite("Reports of runs", .tags(.pure, .bits))
struct ReportTests {
  private static let folder = URL(filePath: #filePath).appending(path: "../../Goldens/reports").standardized

  @Test(
    "A report has the bytes of its golden",
    arguments: ["report.html", "report-stopped.html", "comparison.html", "confusion.svg", "loss.svg"])
  func golden(name: String) throws {
    let texts = [
      "report.html": RunReport(ReportFixture.record()).html,
      "report-stopped.html": RunReport(
        ReportFixture.record(isEnded: false, epochs: Array(ReportFixture.epochs.prefix(1)), test: nil)
      ).html,
      "comparison.html": ComparisonReport([
        ReportFixture.record("a<b"),
        ReportFixture.record("second", seed: 2, epochs: Array(ReportFixture.epochs.prefix(3))),
        ReportFixture.record("second", isEnded: false, epochs: [], examination: nil, test: nil),
      ]).html,
    ].merging(RunReport(ReportFixture.record()).pictures.map { ($0.name, $0.text) }) { $1 }
    let found = Self.body(try #require(texts[name]))
    let file = Self.folder.appending(path: name)
    if ProcessInfo.processInfo.environment["FINGERSPELL_UPDATE_GOLDENS"] != nil {
      try Data(found.utf8).write(to: file)
    }
    let expected = try String(contentsOf: file, encoding: .utf8)
    let lines = zip(found.split(separator: "\n"), expected.split(separator: "\n"))
    for (line, golden) in lines where line != golden {
      Issue.record("\(line)\nis not\n\(golden)")
      break
    }
    #expect(found == expected)
  }

  /// A page without its style, which is a file of its own.
  private static func body(_ text: String) -> String {
    guard let start = text.range(of: "<style>"), let end = text.range(of: "</style>") else { return text }
    return String(text[..<start.lowerBound]) + String(text[end.upperBound...])
  }

  @Test("Names from files are text: no element and no attribute comes from them")
  func escaping() {
    let html = RunReport(ReportFixture.record("</h1><script>alert(1)</script>")).html
    #expect(!html.contains("<script") && !html.contains("<b>bowl") && html.contains("&lt;b&gt;bowl&lt;/b&gt;"))
    #expect(html.contains("plate &amp; saucer"))
    #expect(html.contains("fingerspell train --data &#39;it&#39;\\&#39;&#39;s a folder&#39;"))
  }

  @Test("What is of other weights is left out, and the report says so")
  func stale() {
    let record = ReportFixture.record(examination: ReportFixture.examination(digest: "dd"), test: nil)
    #expect(record.absences == [.examinationOfOthers] && record.examination == nil)
    let html = RunReport(record).html
    #expect(html.contains("is of other weights than those of the best epoch") && !html.contains("id=\"mistakes\""))
  }

  @Test("Without an evaluation of its own, a run has the matrix of test.json; without both it has none")
  func older() {
    let withTest = RunReport(ReportFixture.record(examination: nil)).html
    #expect(withTest.contains("id=\"confusions\"") && withTest.contains("The confusion matrix\nis that of") == false)
    #expect(withTest.contains("It reads 3 of 4 test images correctly."))
    let without = RunReport(ReportFixture.record(examination: nil, test: nil)).html
    #expect(!without.contains("id=\"confusions\"") && without.contains("Not in this report"))
    #expect(without.contains("It reads 70.0\u{A0}% of the validation images correctly."))
  }

  @Test("A run of which nothing is complete has a report")
  func empty() {
    let html = RunReport(ReportFixture.record(isEnded: false, epochs: [], examination: nil, test: nil)).html
    #expect(html.contains("There is nothing to show of it yet.") && !html.contains("id=\"learning\""))
  }

  @Test("No number of metrics.csv is too odd for a report")
  func oddNumbers() throws {
    let header =
      "epoch,loss,accuracy,val_loss,val_accuracy,learning_rate,train_seconds,epoch_seconds,parameters_sha256\n"
    let rows = [
      "1,1e308,-5,-1e308,7,-0.5,1,nan,a", "2,inf,nan,5e-324,1e300,1e-320,-1,1e308,b", "3,nan,nan,nan,nan,nan,nan,nan,c",
      "4,0,0,0,0,0,0,0,d",
    ]
    let epochs = try EpochMetrics.read(Array((header + rows.joined(separator: "\n")).utf8), path: "metrics.csv")
    for count in 1...4 {
      let record = ReportFixture.record(epochs: Array(epochs.prefix(count)))
      for text in [RunReport(record).html, ComparisonReport([record, record]).html] {
        #expect(text.contains("How ") && !text.contains("cx=\"–") && !text.contains(",– "))
      }
    }
  }

  @Test("Runs that were validated on different images say so; the same file elsewhere is not different")
  func otherImages() {
    let compared = { (source: String, digest: Character) in
      let data = [("here/test.csv", Character("a")), (source, digest)].map { source, digest in
        DataDescription(source: source, sha256: String(repeating: digest, count: 64))
      }
      return ComparisonReport(
        data.map {
          RunRecord(
            name: "run", description: ReportFixture.description(validationData: $0), epochs: ReportFixture.epochs,
            examination: nil, test: nil)
        }
      ).html
    }
    let same = compared("there/test.csv", "a")
    #expect(!same.contains("role=\"note\"") && same.contains("the runs have the same options and data"))
    let different = compared("here/test.csv", "b")
    #expect(different.contains("were validated on the same images") && different.contains("test.csv (bbbbbbbb)"))
  }

  @Test("Only lines that say so depend on when and where a run trained")
  func varying() {
    var other = ReportFixture.description()
    other.machine = MachineDescription(
      workers: 1, kind: "threads", workersPerNode: [1], hosts: ["elsewhere"], cpu: "another", lanes: 4, mpi: nil)
    other.command = ["fingerspell", "train"]
    other.started = "2027-01-01T00:00:00Z"
    other.outcome?.seconds = 1
    let record = RunRecord(
      name: "first", description: other, epochs: ReportFixture.epochs, examination: ReportFixture.examination(),
      test: ReportFixture.test)
    let lines = { (html: String) in html.split(separator: "\n").filter { !$0.contains("data-varies") } }
    #expect(lines(RunReport(record).html) == lines(RunReport(ReportFixture.record()).html))
    #expect(RunReport(record).html != RunReport(ReportFixture.record()).html)
  }
}
