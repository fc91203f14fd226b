import Platform

/// What is wrong with a CSV file, and where.
public struct CSVError: UserError, Hashable, Codable, Sendable {
  /// `FailureKind.data`.
  public var failureKind: FailureKind { .data }

  /// `Remedy.holdOut` for rows without labels, `Remedy.fit` for a header of images of another size.
  public var remedy: Remedy? {
    if case .columnCount(let found, let expected) = reason, line == 1, found != expected,
      CSVWidth.square(found - 1) != nil
    {
      return .fit
    }
    return reason == .noLabels ? .holdOut : nil
  }

  /// The offset, if the error has a position in the file's text.
  public var fileOffset: Int? { hasPosition ? offset : nil }

  /// The path of the file, as given.
  public let file: String
  /// The byte offset of the error in the file. Orders the errors of one file: see `first(of:)`.
  public let offset: Int
  /// The line in the file, counted from 1 (the header); nil if the error concerns the whole file, or is so far into the
  /// file that lines are not counted.
  public let line: Int?
  /// The column, counted from 1; nil if the error concerns a whole line.
  public let column: Int?
  /// The column's name.
  public let columnName: String?
  /// What is wrong.
  public let reason: Reason

  /// The kinds of errors.
  public enum Reason: Hashable, Codable, Sendable {
    /// The file cannot be opened or read; with the system's message.
    case unreadable(String)
    /// The file is compressed, and cannot be expanded; with what is wrong and what to do.
    case packing(String)
    /// The path names a folder, a pipe or a device.
    case notAFile
    /// The file became shorter while it was read.
    case changedWhileRead
    /// The file has no bytes.
    case empty
    /// The first line consists of numbers.
    case noHeader(pixels: Int)
    /// A column name in the header is wrong.
    case wrongHeader(expected: String, found: String)
    /// The header has all pixels and one column more, whose name is not one of a label.
    case unnamedLabel(String)
    /// There are no rows after the header.
    case noRows
    /// The file is of another kind; with a message that says which and what to do.
    case otherKind(String)
    /// The columns are separated by other characters than commas; with their name.
    case separator(String)
    /// Lines end in CR only.
    case carriageReturns
    /// There are zero bytes instead of text.
    case zeroBytes
    /// The rows have no labels, but labels are needed.
    case noLabels
    /// A line (the header or a row) has the wrong number of columns.
    case columnCount(Int, expected: Int)
    /// A line is longer than the longest possible row.
    case endlessLine
    /// A line before the end of the file is empty.
    case emptyLine
    /// The file ends in the middle of its last row, without a newline, after this many columns.
    case truncated(columns: Int, expected: Int)
    /// A label is a number, but not that of one of these many classes.
    case labelOutOfRange(String, classes: Int)
    /// A pixel is a number, but not 0-255.
    case pixelOutOfRange(String)
    /// A label is a name.
    case labelName(String)
    /// A field is not one to three digits.
    case notANumber(String)
    /// A number has a fraction.
    case notWhole(String)
    /// A field in a column of row numbers is not a row number.
    case notARowNumber(String)
  }

  /// An error at this position, by default of the whole file.
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

  /// Whether the error has a position in the file's text, so that it does not depend on the worker that found it.
  public var hasPosition: Bool { line != nil || column != nil || reason.isAboutARow }

  /// The error that comes first in the file: the one that a single reader of the whole file would report.
  public static func first(of errors: some Sequence<CSVError>) -> CSVError? {
    errors.min { $0.offset < $1.offset }
  }
}

extension CSVError: CustomStringConvertible {
  /// `FILE, line L, column C (NAME): what is wrong; what to do`.
  public var description: String {
    var text = foreign(file)
    if let line {
      text += ", line \(line)"
    } else if hasPosition {
      text += ", byte \(offset)"
    }
    if let column { text += ", column \(column)" + (columnName.map { " (\($0))" } ?? "") }
    return "\(text): \(reason)"
  }
}

extension CSVError.Reason: CustomStringConvertible {
  /// Whether this is an error of a row.
  fileprivate var isAboutARow: Bool {
    switch self {
    case .columnCount, .endlessLine, .emptyLine, .truncated, .labelOutOfRange, .pixelOutOfRange: true
    case .labelName, .notANumber, .notWhole, .notARowNumber: true
    default: false
    }
  }

  /// What is wrong and what to do, in one sentence.
  public var description: String {
    switch self {
    case .unreadable(let why): "cannot be read: \(why)"
    case .packing(let what): what
    case .notAFile: "is not a regular file; name the CSV file itself"
    case .changedWhileRead: "became shorter while it was read; nothing may write to it during a run"
    case .empty: "is empty; get the file again"
    case .noHeader(let pixels): "the first line is numbers, but must be the header \(Self.header(pixels)); add it"
    case .wrongHeader(let expected, let found): "the header has '\(found)' where '\(expected)' is expected"
    case .unnamedLabel(let name):
      "the column '\(name)' follows the pixels, but is not called \(CSVColumns.labelNames.joined(separator: ", ")): rename it if it "
        + "holds the labels, or remove it"
    case .noRows: "has a header but no rows; get the file again"
    case .otherKind(let complaint): complaint
    case .separator(let name): "has \(name) between its columns; save it with commas: Excel calls that CSV (UTF-8)"
    case .carriageReturns: "has lines that end in CR only, as on old Macs; convert it: tr '\\r' '\\n' < FILE > NEW.csv"
    case .zeroBytes:
      "has zero bytes where text is expected: the file is damaged, or its download or copy is incomplete; get it again"
    case .noLabels:
      "has no column 'label': fingerspell predict reads such a file, but training and evaluation need labels"
    case .columnCount(let found, let expected):
      "has \(counted(found, "column")) instead of \(expected)"
        + (expected == 1 + ImageFormat.mnist.count ? " (\(Self.header(expected - 1)))" : "")
    case .endlessLine: "the line is longer than any possible row; get the file again"
    case .emptyLine: "the line is empty; remove it"
    case .truncated(let columns, let expected):
      "the file ends in the middle of its last row, after \(columns) of \(expected) columns; get the file again"
    case .labelOutOfRange(let text, let classes):
      "the label \(text) is not in 0-\(classes - 1)"
        + (classes == ClassNames.signLanguageMNIST.count
          ? " (A-Y)" : classes == RowRequest.classCounts.upperBound ? "" : ", the \(classes) classes of the network")
    case .labelName(let text):
      "the label '\(text)' is a name, but labels beside pixels are whole numbers from 0: number the classes, as "
        + "pandas.factorize(table['label'], sort=True) does; only lists and folders of images have names"
    case .pixelOutOfRange(let text): "the pixel \(text) is not in 0-255"
    case .notANumber(let text):
      "'\(text)' is not a number of one to three digits"
        + (text.hasPrefix("\"") ? "; write the numbers without quotes" : "")
    case .notWhole(let text):
      "'\(text)' is not a whole number: pixels are 0-255, labels count from 0; pixels of 0 to 1 must be multiplied by 255"
    case .notARowNumber(let text):
      "'\(text)' is not a row number, which this column should hold: its name is not that of a pixel or the label"
    }
  }

  /// Kaggle's header for this number of pixels, shortened.
  private static func header(_ pixels: Int) -> String { "label,pixel1,...,pixel\(pixels)" }
}
