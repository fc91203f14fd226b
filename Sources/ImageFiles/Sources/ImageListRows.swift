import Datasets
import Platform

/// A CSV file that lists image files and their labels.
///
/// - Its header has a column `path`, `file`, `filename`, `filepath`, `image` or `image_path` (and the like), and for labels one named
///   `label`, `class` or `target`, in any case and any place. Other columns are skipped. Fields may be in quotes, as RFC 4180 has it.
/// - Paths are relative to the folder of the list.
/// - Labels are numbers from 0, or names; names are sorted by their bytes to become classes. The rows keep the order of the list.
public struct ImageListRows: ImageSource {
  /// The list's path, as given.
  public let path: String
  /// The list whose names of classes count: the one to train on.
  public let classList: String
  /// What is done with pictures of another shape.
  public var fit: ImageFitting.Fit
  /// Whether black becomes white.
  public var invert: Bool
  /// How large a hand is made that is cut out; nil for the whole image.
  public var framing: Int?
  /// The classes, where they are given.
  public var givenClasses: ClassNames?
  /// Is told what was left out.
  public var warn: @Sendable (String) -> Void

  /// The images of a list, which is not looked at yet.
  ///
  /// - Parameter classList: the list whose names of classes count; by default the same.
  public init(
    _ path: String, classesOf classList: String? = nil, fit: ImageFitting.Fit = .crop, invert: Bool = false,
    warn: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.path = path
    self.classList = classList ?? path
    self.fit = fit
    self.invert = invert
    self.warn = warn
  }

  /// The source's name: the path, as given.
  public var name: String { path }
  /// What it reads.
  public var paths: [String] { [path] }
  /// How rows are found in it.
  public var numbering: String? { "Row r is record r + 2 of \(path)" }

  /// The files and labels.
  public func entries() throws -> ImageEntryList {
    let list = try ImageList(path)
    var classes = try classList == path ? list.classes : ImageList(classList).classes
    // Numbers need no names.
    if classes != nil, let givenClasses { classes = givenClasses }
    let slash = path.lastIndex(of: "/")
    let folder = slash.map { String(path[...$0]) } ?? ""
    let rows = try list.rows.map { row in
      ImageEntries.Entry(
        path: row.path.hasPrefix("/") ? row.path : folder + row.path, label: try label(row, list, classes),
        line: row.line)
    }
    return ImageEntryList(ImageEntries(source: path, rows: rows, classes: classes, hasLabels: list.hasLabels))
  }

  private func label(_ row: ImageList.Row, _ list: ImageList, _ classes: ClassNames?) throws -> Int {
    guard list.hasLabels else { return 0 }
    // A list of numbers stays one beside a list of names.
    if let label = classes.map({ $0.names.firstIndex(of: row.label) }) ?? ImageList.number(row.label) { return label }
    throw ImageListError(file: path, line: row.line, reason: .unknownLabel(row.label, known: classes?.names ?? []))
  }

  /// Whether a CSV file whose text begins like this is a list of images: whether its header has a column of their paths.
  public static func isList(_ beginning: some Collection<UInt8>) -> Bool {
    var records = CSVRecords(Array(beginning.prefix { $0 != UInt8(ascii: "\n") }))
    guard let header = try? records.next() else { return false }
    return ImageList.column(ImageList.pathColumns, header.fields) != nil
  }
}

/// The rows of a list.
package struct ImageList {
  /// A row: the line where it begins, the image's path as it is written, and the label; empty without labels.
  package struct Row: Hashable {
    package let line: Int
    package let path: String, label: String
  }

  static let pathColumns = [
    "path", "file", "filename", "filepath", "image", "image_path", "file_path", "file_name", "image_name", "image_file",
  ]
  static let labelColumns = ["label", "class", "target"]

  /// The longest list that is read, in bytes.
  static let mostBytes = 1 << 28

  package let rows: [Row]
  package let hasLabels: Bool

  init(_ path: String) throws {
    let file = try OpenFile.reading(path)
    let size = try file.size()
    guard size <= Self.mostBytes else { throw ImageListError(file: path, reason: .tooLong(bytes: size)) }
    try self.init(FileBytes.read(file), file: path)
  }

  /// - Parameter file: the path for errors.
  package init(_ bytes: [UInt8], file: String) throws(ImageListError) {
    if let kind = FileKind(firstBytes: bytes) { throw ImageListError(file: file, reason: .otherKind(kind)) }
    var records = CSVRecords(bytes)
    func next() throws(ImageListError) -> CSVRecords.Record? {
      do throws(CSVRecords.OpenQuote) { return try records.next() } catch {
        throw ImageListError(file: file, line: error.line, reason: .openQuote)
      }
    }
    guard let header = try next() else { throw ImageListError(file: file, reason: .noHeader) }
    guard let pathColumn = Self.column(Self.pathColumns, header.fields) else {
      throw ImageListError(file: file, line: 1, reason: .noHeader)
    }
    let labelColumn = Self.column(Self.labelColumns, header.fields)
    var rows: [Row] = []
    while let record = try next() {
      if record.fields == [""] { continue }
      guard record.fields.count == header.fields.count else {
        throw ImageListError(
          file: file, line: record.line, reason: .columns(record.fields.count, expected: header.fields.count))
      }
      let (path, label) = (record.fields[pathColumn], labelColumn.map { record.fields[$0] })
      guard !path.isEmpty, !path.utf8.contains(0) else {
        throw ImageListError(file: file, line: record.line, reason: .noPath)
      }
      guard label != "" else { throw ImageListError(file: file, line: record.line, reason: .noLabel) }
      rows.append(Row(line: record.line, path: path, label: label ?? ""))
    }
    guard !rows.isEmpty else { throw ImageListError(file: file, reason: .noRows) }
    self.rows = rows
    hasLabels = labelColumn != nil
  }

  /// The classes that the labels name; nil if they are numbers, or there are none.
  package var classes: ClassNames? {
    guard hasLabels, rows.contains(where: { Self.number($0.label) == nil }) else { return nil }
    let names = Set(rows.map(\.label))
    // The letters of Sign Language MNIST keep their numbers.
    let known = ClassNames.signLanguageMNIST
    if names.isSuperset(of: known.present.map { known.names[$0] }), names.isSubset(of: known.names) { return known }
    return ClassNames(names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
  }

  /// A label that is a number of at most four digits.
  static func number(_ label: String) -> Int? {
    (1...4).contains(label.utf8.count) && label.utf8.allSatisfy { (48...57).contains($0) } ? Int(label) : nil
  }

  static func column(_ names: [String], _ header: [String]) -> Int? {
    header.firstIndex { names.contains($0.lowercased()) }
  }
}

/// What is wrong with a list of images, and where.
public struct ImageListError: UserError, Hashable, Sendable, CustomStringConvertible {
  /// `FailureKind.data`.
  public var failureKind: FailureKind { .data }

  /// The list's path.
  public let file: String
  /// The line, counted from 1; nil if the error is about the whole file.
  public let line: Int?
  /// What is wrong.
  public let reason: Reason

  /// The kinds of errors.
  public enum Reason: Hashable, Sendable {
    case tooLong(bytes: Int)
    case otherKind(FileKind)
    case noHeader
    case noRows
    case openQuote
    case columns(Int, expected: Int)
    case noPath
    case noLabel
    case unknownLabel(String, known: [String])
  }

  init(file: String, line: Int? = nil, reason: Reason) {
    self.file = file
    self.line = line
    self.reason = reason
  }

  /// `FILE, line 7: what is wrong; what to do`.
  public var description: String {
    let place = foreign(file) + (line.map { ", line \($0)" } ?? "")
    let text =
      switch reason {
      case .tooLong(let bytes): "has \(bytes) bytes; a list of images has at most \(ImageList.mostBytes)"
      case .otherKind(let kind): kind.complaint(.csv)
      case .noHeader:
        "the first line must be a header with a column \(ImageList.pathColumns.joined(separator: ", ")) for the images' paths; add it"
      case .noRows: "has a header but no rows: it lists no images"
      case .openQuote: "the quotation mark that opens a field here is not closed; close it"
      case .columns(let found, let expected): "has \(counted(found, "column")) instead of the header's \(expected)"
      case .noPath: "has no path of an image"
      case .noLabel: "has no label; all rows need one, or the list no column of labels"
      case .unknownLabel(let label, let known):
        known.isEmpty
          ? "the label '\(foreign(label))' is no number from 0 to 9999"
          : "the label '\(foreign(label))' is none of the classes: "
            + known.prefix(8).map { foreign($0) }.joined(separator: ", ") + (known.count > 8 ? ", ..." : "")
      }
    return "\(place): \(text)"
  }
}
