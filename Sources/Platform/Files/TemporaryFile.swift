import Glibc

/// A file under a temporary name, removed when this value is destroyed unless `commit()` succeeded.
struct TemporaryFile: ~Copyable {
  private let name: String
  private let folder: Folder
  private let temporary: String
  private let reportedPath: String
  private let file: OpenFile

  /// A temporary file that `commit()` renames to `name` in the same folder.
  init(for name: String, in folder: Folder, reportedPath: String? = nil) throws(FileError) {
    let temporary = Self.name(for: name, number: .random(in: 0 ... .max))
    self.reportedPath = reportedPath ?? folder.path(name)
    file = try folder.open(temporary, O_WRONLY | O_CREAT | O_EXCL, mode: 0o666, reportedPath: self.reportedPath)
    self.name = name
    self.folder = folder
    self.temporary = temporary
  }

  /// A temporary file that `commit()` renames to `path`.
  init(for path: String, reportedPath: String? = nil) throws(FileError) {
    let slash = path.lastIndex(of: "/")
    let name = slash.map { path[path.index(after: $0)...] } ?? path[...]
    guard !name.isEmpty else { throw FileError("write", path, code: EISDIR) }
    let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    try self.init(
      for: String(name), in: Folder(folder, reportedPath: reportedPath ?? path), reportedPath: reportedPath ?? path)
  }

  deinit { folder.remove(temporary) }

  /// `.NAME.<random>.tmp`, with a long name shortened to 100 bytes: a file name may have 255 bytes, and fewer on some
  /// file systems.
  static func name(for name: String, number: UInt64) -> String {
    var start = String.UnicodeScalarView()
    var count = 0
    for scalar in name.unicodeScalars {
      count += UTF8.width(scalar)
      guard count <= 100 else { break }
      start.append(scalar)
    }
    return ".\(String(start)).\(String(number, radix: 36)).tmp"
  }

  /// Copies the mode and, where permitted, the owner of the file at `path`, if it exists.
  func takeAttributes(of path: String) { file.takeAttributes(of: path) }

  func put(_ bytes: [UInt8]) throws(FileError) { try file.write(bytes) }

  /// Flushes the file and gives it its real name.
  func commit() throws(FileError) {
    try file.synchronize()
    try rename()
  }

  /// The same, unless `confirm` throws, which is called just before the rename.
  func commit(_ confirm: () throws -> Void) throws {
    try file.synchronize()
    try confirm()
    try rename()
  }

  private func rename() throws(FileError) {
    do throws(FileError) {
      try folder.move(temporary, to: folder, as: name)
    } catch {
      throw FileError("write", reportedPath, code: error.code)
    }
    try folder.synchronize()
  }
}
