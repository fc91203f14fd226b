import Communication
import Datasets
import TestTags
import Testing
import Training

@Suite("Rows of any format are shared among the workers", .tags(.threads))
struct RowTableTests {
  /// Rows that a rule draws: an odd number of pixels, labels of two bytes.
  private struct Drawn: RowSource {
    var name: String { "drawn" }
    var paths: [String] { [] }
    let table: ImageTable

    func part(_ index: Int, of count: Int, _ request: RowRequest) -> ImageTable {
      table.rows(index * table.count / count..<(index + 1) * table.count / count)
    }
  }

  @Test(arguments: [1, 2, 3])
  func `Every worker reads every row`(workers: Int) throws {
    let format = ImageFormat(height: 3, width: 5, channels: 3)
    let table = ImageTable(
      format: format, labels: (0..<7).map { UInt16($0 * 170) }, pixels: (0..<7 * 45).map { UInt8($0 % 256) })
    let source = DataSource(Drawn(table: table), RowRequest(format: format, classCount: 1024))
    let found = try ThreadGroup.run(workers: workers) { communicator in
      let rows = try RowTable.load(source, communicator, shared: true)
      return (0..<rows.totalRows).map { (rows.label($0), rows.image($0)) }
    }
    for rows in found {
      #expect(rows.map(\.0) == table.labels)
      #expect(rows.flatMap(\.1) == table.pixels)
    }
  }

  @Test func `Images of another format are refused`() throws {
    let format = ImageFormat(height: 3, width: 5)
    let source = DataSource(
      Drawn(table: ImageTable(format: format, labels: [1], pixels: [UInt8](repeating: 0, count: 15))))
    let error = #expect(throws: FormatMismatch.self) { try source.part(0, of: 1) }
    #expect(error?.found == format && error?.wanted == .mnist)
  }
}
