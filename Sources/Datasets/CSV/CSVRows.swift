/// The rows of a CSV file, or of one that is compressed with gzip or a member of a zip archive.
public struct CSVRows: RowSource, Hashable {
  private let file: PackedFile

  /// The rows of the CSV file at `path`, which is not looked at yet.
  public init(path: String) { file = PackedFile(path: path, packing: .plain) }

  /// The rows of a CSV file that may be compressed.
  init(_ file: PackedFile) { self.file = file }

  public var name: String { file.name }
  public var paths: [String] { [file.path] }

  public func part(_ index: Int, of count: Int, _ request: RowRequest) throws -> ImageTable {
    try CSVFile(file, request).part(index, of: count)
  }

  public func classNames() -> ClassNames? { KnownSet.named(name)?.classes }
  public func format() throws -> ImageFormat? { try? CSVWidth.format(file) }
  public func place(ofRow row: Int) -> String { "\(name), line \(row + 2)" }
  public var numbering: String? { "Row r is line r + 2 of \(name)" }
}
