import Datasets
import Glibc
import TestFiles
import TestTags
import Testing

@Suite("CSV errors name the file, the line and the column", .tags(.files))
struct CSVErrorTests {
  let scratch: Scratch
  init() throws { scratch = try Scratch() }

  func error(_ text: String, part: Int = 0, of count: Int = 1, blockBytes: Int = 1 << 18) throws -> CSVError? {
    let path = try scratch.file(text)
    return #expect(throws: CSVError.self) {
      _ = try CSVFile(path: path).part(part, of: count, blockBytes: blockBytes)
    }
  }

  /// Four rows of which the third has one field replaced.
  func text(column: Int, _ field: String) -> String {
    var rows = Sample.rows(4)
    var fields = Sample.fields(2)
    fields[column - 1] = field
    rows[2] = fields.joined(separator: ",")
    return Sample.text(rows)
  }

  @Test func `Every invalid field is located`() throws {
    let faults: [(field: String, reason: CSVError.Reason)] = [
      ("256", .pixelOutOfRange("256")), ("299", .pixelOutOfRange("299")), ("300", .pixelOutOfRange("300")),
      ("999", .pixelOutOfRange("999")), ("1000", .pixelOutOfRange("1000")),
      ("99999999999999999999", .pixelOutOfRange("99999999999999999999")),
      ("", .notANumber("")), ("-1", .notANumber("-1")), ("1.5", .notWhole("1.5")), ("0.001", .notWhole("0.001")),
      ("1.", .notANumber("1.")), (".0", .notANumber(".0")),
      ("1.0.0", .notANumber("1.0.0")), ("1e2", .notANumber("1e2")), ("256.0", .pixelOutOfRange("256.0")),
      ("0001.0", .notANumber("0001.0")), ("7.00000000000000000", .notANumber("7.00000000000000000")),
      ("7\0", .zeroBytes), ("x", .notANumber("x")),
      (" 1", .notANumber(" 1")), ("1 ", .notANumber("1 ")), ("\"1\"", .notANumber("\"1\"")),
      ("0001", .notANumber("0001")),
      ("1\r2", .notANumber("1?2")), ("/", .notANumber("/")), (":", .notANumber(":")), ("\u{10}", .notANumber("?")),
      ("\u{B9}", .notANumber("??")),
      (String(repeating: "x", count: 5000), .notANumber(String(repeating: "x", count: 24) + "...")),
    ]
    for (field, reason) in faults {
      for column in [2, 3, 400, 784, 785] {
        for blockBytes in [100, 1 << 18] {
          let text = text(column: column, field)
          let found = try #require(try error(text, blockBytes: blockBytes))
          #expect(found.reason == reason, "\(field.prefix(30)) in column \(column)")
          #expect(found.line == 4)
          #expect(found.column == column)
          let before = Sample.text(Sample.rows(2)) + Sample.fields(2).prefix(column - 1).map { $0 + "," }.joined()
          #expect(found.offset == before.utf8.count)
          #expect(found.file == "\(scratch.path)/rows.csv")
        }
      }
    }
  }

  @Test func `Labels are 0 to 24`() throws {
    for (field, reason) in [
      ("25", .labelOutOfRange("25", classes: 25)), ("255", .labelOutOfRange("255", classes: 25)),
      ("256", .labelOutOfRange("256", classes: 25)),
      ("280", .labelOutOfRange("280", classes: 25)), ("A", .labelName("A")), ("\"D\"", .labelName("\"D\"")),
      ("", .notANumber("")),
      ("0024", .notANumber("0024")),
    ] as [(String, CSVError.Reason)] {
      let found = try #require(try error(text(column: 1, field)))
      #expect(found.reason == reason)
      #expect([found.line, found.column] == [4, 1])
    }
    #expect(try CSVFile(path: scratch.file(text(column: 1, "024"))).rows().labels == [0, 1, 24, 3])
  }

  @Test func `Invalid rows are located`() throws {
    let rows = Sample.rows(4)
    let short = Sample.fields(2).dropLast().joined(separator: ",")
    let long = rows[2] + ",1,2,3"
    let veryLong = rows[2] + String(repeating: ",1", count: 100_000)
    for (row, reason) in [
      (short, .columnCount(784, expected: 785)), (long, .columnCount(788, expected: 785)),
      (veryLong, .columnCount(100_785, expected: 785)), ("", .emptyLine),
      ("3", .columnCount(1, expected: 785)), (rows[2] + ",", .columnCount(786, expected: 785)),
    ] as [(String, CSVError.Reason)] {
      for end in ["\n", "\r\n"] {
        let found = try #require(try error(Sample.text([rows[0], rows[1], row, rows[3]], lineEnd: end)))
        #expect(found.reason == reason)
        #expect(found.line == 4)
        #expect(found.column == nil)
        #expect(found.offset == Sample.text(Array(rows[..<2]), lineEnd: end).utf8.count)
      }
    }
  }

  @Test func `A truncated last row is found`() throws {
    let fields = Sample.fields(1)
    for columns in [1, 2, 500, 784] {
      let cut = fields.prefix(columns).joined(separator: ",")
      let found = try #require(try error(Sample.text(Sample.rows(1) + [cut], finalEnd: false)))
      #expect(found.reason == .truncated(columns: columns, expected: 785))
      #expect([found.line, found.column] == [3, nil])
    }
    let afterComma = try #require(try error(Sample.text(Sample.rows(1) + ["1,2,"], finalEnd: false)))
    #expect(afterComma.reason == .truncated(columns: 3, expected: 785))
  }

  @Test func `A wrong header is found`() throws {
    let rows = Sample.rows(2)
    let body = rows.joined(separator: "\n")
    var names = Sample.header.split(separator: ",").map(String.init)
    #expect(try error(body) == CSVError(file: "\(scratch.path)/rows.csv", line: 1, reason: .noHeader(pixels: 784)))
    #expect(
      try error(names.dropLast().joined(separator: ",") + "\n" + body)?.reason == .columnCount(784, expected: 785))
    #expect(try error(Sample.header + ",pixel785\n" + body)?.reason == .columnCount(786, expected: 785))
    let commas = String(repeating: ",", count: 5000) + "\n" + body
    #expect(try error(commas)?.reason == .wrongHeader(expected: "label", found: ""))
    #expect(try error(Sample.header + commas)?.reason == .columnCount(5785, expected: 785))
    names[7] = "pixel8"
    let found = try #require(try error(names.joined(separator: ",") + "\n" + body))
    #expect(found.reason == .wrongHeader(expected: "pixel7", found: "pixel8"))
    #expect([found.line, found.column, found.offset] == [1, 8, 6 + 6 * 7])
  }

  @Test func `Files without rows are refused`() throws {
    #expect(try error("")?.reason == .empty)
    #expect(try error(Sample.header)?.reason == .noRows)
    #expect(try error(Sample.header + "\n")?.reason == .noRows)
    #expect(try error(Sample.header + "\n\n")?.reason == .noRows)
    #expect(try error(Sample.header + "\n\n" + Sample.rows(1)[0])?.reason == .emptyLine)
    #expect(throws: CSVError(file: scratch.path, reason: .notAFile)) { _ = try CSVFile(path: scratch.path) }
    let missing = "\(scratch.path)/missing.csv"
    #expect(throws: CSVError(file: missing, reason: .unreadable("No such file or directory"))) {
      _ = try CSVFile(path: missing)
    }
  }

  @Test(arguments: 1...9)
  func `The first error is the same for any number of parts`(count: Int) throws {
    var rows = Sample.rows(12)
    rows[4] = "1,2,3"
    rows[10] = "4,256"
    let file = try CSVFile(path: scratch.file(Sample.text(rows)))
    var errors: [CSVError] = []
    for part in (0..<count).reversed() {
      do throws(CSVError) { _ = try file.part(part, of: count) } catch { errors.append(error) }
    }
    let first = try #require(CSVError.first(of: errors))
    #expect(first.line == 6)
    #expect(first.reason == .columnCount(3, expected: 785))
    #expect(first.offset == Sample.text(Array(rows[..<4])).utf8.count)
  }

  /// Columns are those of the file, whatever stands in front of the label.
  @Test func `Errors in other CSV variants are located`() throws {
    let header = "," + Sample.header
    func rows(_ change: (inout [String]) -> Void) -> String {
      var fields = ["1"] + Sample.fields(1)
      change(&fields)
      return [header, "0," + Sample.rows(1)[0], fields.joined(separator: ",")].joined(separator: "\n") + "\n"
    }
    let cases: [(text: String, reason: CSVError.Reason, column: Int?, name: String?)] = [
      (rows { $0[0] = "x" }, .notARowNumber("x"), 1, "row number"),
      (
        rows { $0[0] = String(repeating: "1", count: 20) }, .notARowNumber(String(repeating: "1", count: 20)), 1,
        "row number"
      ),
      (rows { $0[1] = "25" }, .labelOutOfRange("25", classes: 25), 2, "label"),
      (rows { $0[2] = "256" }, .pixelOutOfRange("256"), 3, "pixel1"),
      (rows { $0.removeLast() }, .columnCount(785, expected: 786), nil, nil),
      (rows { $0.append("1") }, .columnCount(787, expected: 786), nil, nil),
    ]
    for (text, reason, column, name) in cases {
      let found = try #require(try error(text))
      #expect(found.reason == reason && found.column == column && found.columnName == name && found.line == 3)
    }
    let unlabelled = Sample.unlabelled(Sample.rows(2))
    #expect(try error(unlabelled)?.reason == .noLabels)
    #expect(
      try error(Sample.header.replacing("label,", with: "") + ",pixel785\n1\n")?.reason
        == .columnCount(785, expected: 784))
    let named = try #require(try error(Sample.header.replacing("label,", with: "") + ",y\n1\n"))
    #expect(named.reason == .unnamedLabel("y") && named.column == 785)
    #expect(named.description.contains("is not called label, class, target"))
  }

  @Test func `Columns called id are row numbers`() throws {
    let rows = Sample.rows(3)
    for name in ["id", "ID", "row_id"] {
      let text = "\(name),\(Sample.header)\n" + rows.enumerated().map { "\($0),\($1)\n" }.joined()
      #expect(try CSVFile(path: scratch.file(text)).part(0, of: 1) == Sample.table(3), "\(name)")
    }
  }

  @Test func `Names as labels, and labels beyond the network's, are told with a way out`() throws {
    let name = try #require(try error(text(column: 1, "D")))
    #expect(name.description.contains("the label 'D' is a name") && name.description.contains("pandas.factorize"))
    let path = try scratch.file(text(column: 1, "13"))
    let label = #expect(throws: CSVError.self) {
      try CSVRows(path: path).part(0, of: 1, RowRequest(format: .mnist, classCount: 10))
    }
    #expect(label?.description.hasSuffix("the label 13 is not in 0-9, the 10 classes of the network") == true)
  }

  /// What is no CSV of ours is told by what it is.
  @Test func `Other file formats are named`() throws {
    let text = Sample.text(Sample.rows(3))
    for (name, separator) in [("semicolons", ";"), ("tabs", "\t"), ("bars", "|"), ("spaces", " ")] {
      #expect(try error(text.replacing(",", with: separator))?.reason == .separator(name))
    }
    #expect(try error(text.replacing("\n", with: "\r"))?.reason == .carriageReturns)
    #expect(try error("\0\0\0" + text)?.reason == .zeroBytes)
    for (start, words) in [
      ("PK\u{3}\u{4}", "a zip archive"), ("<!DOCTYPE html>", "a web page"), ("version https://git-lfs", "git lfs pull"),
    ] {
      let found = try #require(try error(start + text))
      #expect("\(found)".contains(words) && found.line == nil)
    }
  }

  /// A hole where rows should be is seen at once, in whatever part, and its place is told even where lines are not counted.
  @Test func `Sparse files are refused at once`() throws {
    let path = try scratch.file(Sample.text(Sample.rows(2)))
    try #require(truncate(path, 1 << 40) == 0)
    let file = try CSVFile(path: path)
    let start = ContinuousClock.now
    let first = #expect(throws: CSVError.self) { _ = try file.part(0, of: 3) }
    #expect(first?.reason == .zeroBytes && first?.line == 4 && first?.column == 1)
    let second = #expect(throws: CSVError.self) { _ = try file.part(1, of: 3) }
    #expect(second?.reason == .endlessLine && second?.line == nil && second?.hasPosition == true)
    #expect("\(try #require(second))".contains(", byte 36650"))
    #expect(CSVError.first(of: [second, first].compactMap { $0 }) == first)
    #expect(ContinuousClock.now - start < .seconds(5))
  }

  @Test func `The message says what is wrong and where`() throws {
    let found = try #require(try error(text(column: 345, "300")))
    #expect("\(found)" == "\(scratch.path)/rows.csv, line 4, column 345 (pixel344): the pixel 300 is not in 0-255")
  }
}
