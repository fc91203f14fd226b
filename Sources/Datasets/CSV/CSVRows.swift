/// The rows of a CSV file, or of one that is compressed with gzip or a member of a zip archive.
public struct CSVRows: RowSource, Hashable {
  private let file: PackedFile

  /// The rows of the CSV file at `path`, which is not looked at yet.
  public init(path: String) { file = PackedFile(path: path, packing: .plain) }

  /// The rows of a CSV file that may be compressed.
  init(_ file: PackedFile) { self.file = file }

  /// The path; of an archive's member, the archive's path and the member's name.
  public var name: String { file.name }
  /// The file, or the archive.
  public var paths: [String] { [file.path] }

  /// Parses part `index` of `count` of the rows.
  public func part(_ index: Int, of count: Int, _ request: RowRequest) throws -> ImageTable {
    try CSVFile(file, request).part(index, of: count)
  }

  /// The names of the known set that has a file of this name.
  public func classNames() -> ClassNames? { KnownSet.classes(of: file) }
  /// What fits the number of columns.
  public func format() throws -> ImageFormat? { try? CSVWidth.format(file) }
  /// The row's line.
  public func place(ofRow row: Int) -> String { "\(name), line \(row + 2)" }
  /// How rows are found by lines.
  public var numbering: String? { "Row r is line r + 2 of \(name)" }
}
