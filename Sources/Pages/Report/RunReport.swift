import Runs
import Training

/// The report of one run: a page that is a function of the files in the run folder, and of nothing else.
///
/// What depends on when and on how many workers a run trained stands on lines of its own, whose element has the attribute
/// `data-varies`; all other lines are the same for every layout of the workers.
package struct RunReport {
  private let record: RunRecord
  private let results: ClassResults?

  /// The report of a run.
  package init(_ record: RunRecord) {
    self.record = record
    results = ClassResults(record)
  }

  /// The page.
  package var html: String {
    var page = Page(title: "Run \(record.name)")
    page.style = PageAssets.series + PageAssets.charts + PageAssets.report
    let pictures = record.examination.flatMap { examination in
      results.map { ExamplePictures(examination: examination, results: $0) }
    }
    let sections = [
      LearningCurves(record: record).html, confusions?.html, pictures?.mistakes, pictures?.worst, pictures?.means,
      record.test.map { Robustness(test: $0).html }, RunFacts(record: record).html,
    ]
    page.body = """
      \(ReportHeader(record: record, results: results).html)
      <main>
      \(sections.compactMap { $0 }.joined(separator: "\n"))
      </main>
      <footer class="quiet"><p>Written by Fingerspell \(escaped(record.description.programVersion)) from <code>run.json</code>, \
      <code>metrics.csv</code> and <code>evaluation.json</code> of the run.</p></footer>
      """
    return page.html
  }

  private var confusions: Confusions? {
    results.flatMap {
      $0.rows > 0 ? Confusions(results: $0, rows: record.examination == nil ? "test" : "validation") : nil
    }
  }

  /// The curves and the matrix as files: each a name and the text of an SVG.
  package var pictures: [(name: String, text: String)] {
    let curves = LearningCurves(record: record)
    let charts = record.epochs.isEmpty ? [] : [curves.accuracy, curves.loss, curves.rate]
    let matrix = confusions.map { [($0.heatMap.id, $0.heatMap.picture)] } ?? []
    return (charts.map { ($0.id, $0.picture(.wide)) } + matrix).map { ("\($0).svg", $1.file) }
  }
}
