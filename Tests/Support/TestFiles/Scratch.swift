import Foundation

/// A folder for one test's files, removed with this value.
public final class Scratch {
  /// The folder.
  public let path = FileManager.default.temporaryDirectory.appending(path: "fingerspell-\(UUID().uuidString)").path

  /// Makes the folder.
  public init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The names of what is in it, sorted.
  public var names: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() } }

  /// The names of what is in a folder in it, sorted.
  public func names(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "\(path)/\(folder)").sorted()
  }

  /// Writes a file and gives its path.
  public func file(_ text: String, name: String = "rows.csv") throws -> String {
    try file(Array(text.utf8), name: name)
  }

  /// Writes a file and gives its path.
  public func file(_ bytes: [UInt8], name: String = "rows.csv") throws -> String {
    let file = "\(path)/\(name)"
    try Data(bytes).write(to: URL(filePath: file))
    return file
  }
}
