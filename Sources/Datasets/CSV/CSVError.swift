import Platform

/// What is wrong with a CSV file, and where.
public struct CSVError: UserError, Hashable, Codable, Sendable {
  /// Bad data.
  public var failureKind: FailureKind { .data }

  /// The offset, for an error that has one line or column.
  public var fileOffset: Int? { isPlaced ? offset : nil }

  /// The path of the file, as it was given.
  public let file: String
  /// Where the fault begins, in bytes from the file's beginning. Orders the errors of one file: see `first(of:)`.
  public let offset: Int
  /// The line in the file, the header being line 1; nil when the fault is the whole file's, or so far behind the beginning
  /// that lines are not counted.
  public let line: Int?
  /// The column of the file, counted from 1; nil when the fault is the whole line's.
  public let column: Int?
  /// The column's name.
  public let columnName: String?
  /// What is wrong.
  public let reason: Reason

  /// The kinds of fault.
  public enum Reason: Hashable, Codable, Sendable {
    /// The file cannot be opened or read; with the system's words.
    case unreadable(String)
    /// The path names a directory, a pipe or a device.
    case notAFile
    /// The file became shorter while it was read.
    case changedWhileRead
    /// The file has no bytes.
    case empty
    /// The first line is numbers already.
    case noHeader
    /// A name in the header is not the expected one.
    case wrongHeader(expected: String, found: String)
    /// Nothing follows the header.
    case noRows
    /// The file is of another kind; with what it is and what to do.
    case otherKind(String)
    /// Other characters than commas, these, stand between the columns.
    case separator(String)
    /// Lines end in CR alone.
    case carriageReturns
    /// Zero bytes where text should be.
    case zeroBytes
    /// The rows have no labels, which were asked for.
    case noLabels
    /// A line, the header or a row, has another number of columns than expected.
    case columnCount(Int, expected: Int = 785)
    /// A line goes on where the longest row has ended.
    case endlessLine
    /// A line in the midst has no bytes.
    case emptyLine
    /// The file ends, without a newline, in the middle of its last row, after this many columns.
    case truncated(columns: Int, expected: Int = 785)
    /// A label that is a number, but not 0-24.
    case labelOutOfRange(String)
    /// A pixel that is a number, but not 0-255.
    case pixelOutOfRange(String)
    /// A field that is not one to three digits.
    case notANumber(String)
    /// A number with a fraction.
    case notWhole(String)
    /// A field in a column of row numbers that is none.
    case notARowNumber(String)
  }

  /// An error of these parts.
  public init(
    file: String, offset: Int = 0, line: Int? = nil, column: Int? = nil, columnName: String? = nil, reason: Reason
  ) {
    self.file = file
    self.offset = offset
    self.line = line
    self.column = column
    self.columnName = columnName
    self.reason = reason
  }

  /// Whether the error has its place in the file's text, and is nobody's own of those that read parts of the file.
  public var isPlaced: Bool { line != nil || column != nil || reason.isOfARow }

  /// The error that comes first in the file: what a single reader of the whole file would have reported.
  public static func first(of errors: some Sequence<CSVError>) -> CSVError? {
    errors.min { $0.offset < $1.offset }
  }
}

extension CSVError: CustomStringConvertible {
  /// `file, line L, column C: what is wrong; what to do`.
  public var description: String {
    var place = foreign(file)
    if let line {
      place += ", line \(line)"
    } else if isPlaced {
      place += ", byte \(offset)"
    }
    if let column { place += ", column \(column)" + (columnName.map { " (\($0))" } ?? "") }
    return "\(place): \(reason)"
  }
}

extension CSVError.Reason: CustomStringConvertible {
  /// Whether this is said of a row.
  fileprivate var isOfARow: Bool {
    switch self {
    case .columnCount, .endlessLine, .emptyLine, .truncated, .labelOutOfRange, .pixelOutOfRange: true
    case .notANumber, .notWhole, .notARowNumber: true
    default: false
    }
  }

  /// What is wrong and what to do, in one sentence.
  public var description: String {
    switch self {
    case .unreadable(let why): "cannot be read: \(why)"
    case .notAFile: "is not a regular file; name the CSV file itself"
    case .changedWhileRead: "became shorter while it was read; nothing may write it during a run"
    case .empty: "is empty; get the file again"
    case .noHeader: "the first line is numbers, but must be the header label,pixel1,...,pixel784; write one in front"
    case .wrongHeader(let expected, let found): "the header says '\(found)' where '\(expected)' is expected"
    case .noRows: "has a header but no rows; get the file again"
    case .otherKind(let complaint): complaint
    case .separator(let name): "has \(name) between its columns; save it with commas: Excel calls that CSV (UTF-8)"
    case .carriageReturns: "has lines that end in CR alone, as on old Macs; convert it: tr '\\r' '\\n' < FILE > NEW.csv"
    case .zeroBytes:
      "has zero bytes where text is expected: the file is damaged, or was never wholly downloaded or copied; get it again"
    case .noLabels:
      "has no column label: fingerspell predict reads such a file, but training and evaluation need to know the letters"
    case .columnCount(let found, let expected):
      "has \(found) column\(found == 1 ? "" : "s") instead of \(expected)"
        + (expected == CSVFormat.columns ? " (label,pixel1,...,pixel784)" : "")
    case .endlessLine: "the line does not end where the longest row does; get the file again"
    case .emptyLine: "is empty; remove the line"
    case .truncated(let columns, let expected):
      "the file ends in the middle of its last row, after \(columns) of \(expected) columns; get the file again"
    case .labelOutOfRange(let text): "the label \(text) is not in 0-24 (A-Y)"
    case .pixelOutOfRange(let text): "the pixel \(text) is not in 0-255"
    case .notANumber(let text):
      "'\(text)' is not a number of one to three digits"
        + (text.hasPrefix("\"") ? "; write the numbers without quotes" : "")
    case .notWhole(let text):
      "'\(text)' is not a whole number: pixels are 0-255 and labels 0-24; pixels of 0 to 1 must be multiplied by 255"
    case .notARowNumber(let text):
      "'\(text)' is not a row number, which this column without a pixel or label should hold"
    }
  }
}
