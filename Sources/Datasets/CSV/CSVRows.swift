/// The rows of a CSV file.
public struct CSVRows: RowSource, Hashable {
  /// The path of the file, as given.
  public let path: String

  /// The rows of the file at `path`, which is not looked at yet.
  public init(path: String) { self.path = path }

  public var name: String { path }
  public var paths: [String] { [path] }

  public func part(_ index: Int, of count: Int, _ request: RowRequest) throws -> ImageTable {
    try CSVFile(path: path, request).part(index, of: count)
  }

  public func place(ofRow row: Int) -> String { "\(path), line \(row + 2)" }
  public var numbering: String? { "Row r is line r + 2 of \(path)" }
}
