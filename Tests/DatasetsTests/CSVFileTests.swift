import Datasets
import TestFiles
import TestTags
import Testing

@Suite("CSV files are read whole and in parts", .tags(.files))
struct CSVFileTests {
  let scratch: Scratch
  init() throws { scratch = try Scratch() }

  func read(_ text: String) throws -> ImageTable { try CSVFile(path: scratch.file(text)).rows() }

  @Test func `Rows are read`() throws {
    #expect(try read(Sample.text(Sample.rows(30))) == Sample.table(30))
  }

  @Test func `Every legal form is read`() throws {
    let rows = Sample.rows(5)
    let quoted = Sample.header.split(separator: ",").map { "\"\($0)\"" }.joined(separator: ",")
    let forms = [
      "CRLF": Sample.text(rows, lineEnd: "\r\n"),
      "no final newline": Sample.text(rows, finalEnd: false),
      "CRLF, no final newline": Sample.text(rows, lineEnd: "\r\n", finalEnd: false),
      "quoted header": ([quoted] + rows).joined(separator: "\n"),
      "quoted header, CRLF": ([quoted] + rows).joined(separator: "\r\n"),
      "byte order mark": "\u{FEFF}" + Sample.text(rows),
      "capitals and spaces": ([Sample.header.uppercased().replacing(",", with: ", ")] + rows).joined(separator: "\n"),
    ]
    for (form, text) in forms.merging(Sample.variants(rows), uniquingKeysWith: { first, _ in first }) {
      #expect(try read(text) == Sample.table(5), "\(form)")
    }
  }

  /// Every variant, also read in parts and in small blocks.
  @Test(arguments: [1, 2, 3, 5, 9])
  func `Parts of every variant add up to the whole`(count: Int) throws {
    for (form, text) in Sample.variants(Sample.rows(7)) {
      let file = try CSVFile(path: scratch.file(text))
      for blockBytes in [100, 5000, 1 << 18] {
        let parts = try (0..<count).map { try file.part($0, of: count, blockBytes: blockBytes) }
        #expect(parts.reduce(into: ImageTable(format: .mnist)) { $0.append($1) } == Sample.table(7), "\(form) \(count)")
      }
    }
  }

  @Test func `Rows without labels are read only on request`() throws {
    let path = try scratch.file(Sample.unlabelled(Sample.rows(5)))
    #expect(throws: CSVError(file: path, reason: .noLabels)) { _ = try CSVFile(path: path) }
    var request = RowRequest.signLanguageMNIST
    request.needsLabels = false
    let file = try CSVFile(path: path, request)
    #expect(!file.hasLabels)
    #expect(
      try file.rows()
        == ImageTable(
          format: .mnist, labels: [0, 0, 0, 0, 0], pixels: Sample.table(5).pixels, hasLabels: false))
  }

  /// More rows than memory is reserved for at once.
  @Test func `More rows than were reserved are read`() throws {
    let row = Sample.fields(3).map { _ in "1" }.joined(separator: ",") + "\n"
    let count = 1 << 16 + 3
    let path = try scratch.file(
      Array((Sample.header + "\n").utf8) + [UInt8](repeatElement(Array(row.utf8), count: count).joined()))
    let table = try CSVFile(path: path).rows()
    #expect(table.count == count && table.labels.allSatisfy { $0 == 1 } && table.pixels.allSatisfy { $0 == 1 })
  }

  /// In every column, and after a number of every length.
  @Test func `Every value in one to three digits is read`() throws {
    var spellings: [(text: String, value: UInt8)] = []
    for value in 0...255 {
      let digits = String(value)
      for width in digits.count...3 {
        spellings.append((String(repeating: "0", count: width - digits.count) + digits, UInt8(value)))
      }
    }
    #expect(spellings.count == 256 + 100 + 10)
    // 366 spellings, shifted by one pixel a row and with a filler of another length, and 784 > 2 * 366.
    for filler in ["7", "42", "199"] {
      let rows = (0..<4).map { row in
        ["03"] + (0..<784).map { ($0 + row) % 2 == 0 ? spellings[(($0 + row) / 2) % spellings.count].text : filler }
      }
      let expected = (0..<4).flatMap { row in
        (0..<784).map { ($0 + row) % 2 == 0 ? spellings[(($0 + row) / 2) % spellings.count].value : UInt8(filler)! }
      }
      let table = try read(Sample.text(rows.map { $0.joined(separator: ",") }))
      #expect(table.labels == [3, 3, 3, 3])
      #expect(table.pixels == expected, "filler \(filler)")
    }
  }

  @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8, 64])
  func `Parts add up to the whole`(count: Int) throws {
    for finalEnd in [true, false] {
      let file = try CSVFile(path: scratch.file(Sample.text(Sample.rows(13), finalEnd: finalEnd)))
      let parts = try (0..<count).map { try file.part($0, of: count) }
      #expect(parts.reduce(into: ImageTable(format: .mnist)) { $0.append($1) } == Sample.table(13))
      if count == 64 { #expect(parts.count { $0.count == 0 } == 64 - 13) }
    }
  }

  /// The boundary of two parts on every byte around the end of a line.
  @Test func `A row belongs to the part that holds its first byte`() throws {
    let rows = Sample.rows(3)
    for extra in 0..<12 {
      let longer = rows[2].split(separator: ",").enumerated().map { index, field in
        index > 0 && index <= extra ? "000" : String(field)
      }
      let text = Sample.text([rows[0], rows[1], longer.joined(separator: ",")])
      let file = try CSVFile(path: scratch.file(text))
      let whole = try file.rows()
      for count in 2...9 {
        let parts = try (0..<count).map { try file.part($0, of: count) }
        #expect(parts.reduce(into: ImageTable(format: .mnist)) { $0.append($1) } == whole, "\(extra) \(count)")
      }
    }
  }

  @Test(arguments: [1, 7, 64, 1000, 3140, 4095, 4096, 4097, 10000])
  func `The block size makes no difference`(bytes: Int) throws {
    for (end, finalEnd) in [("\n", true), ("\r\n", true), ("\n", false)] {
      let file = try CSVFile(path: scratch.file(Sample.text(Sample.rows(6), lineEnd: end, finalEnd: finalEnd)))
      #expect(try file.part(0, of: 1, blockBytes: bytes) == Sample.table(6))
      #expect(try file.part(1, of: 2, blockBytes: bytes) == file.part(1, of: 2))
    }
  }

  @Test func `Rows are written in the form that is read`() throws {
    let text = Sample.text(Sample.rows(26))
    #expect(CSVText.header(.mnist) + CSVText.lines(of: Sample.table(26)) == Array(text.utf8))
  }
}
