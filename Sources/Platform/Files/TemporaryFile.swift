import Glibc

/// A file under its temporary name, which goes with this value unless `commit()` has succeeded.
struct TemporaryFile: ~Copyable {
  private let name: String
  private let folder: Folder
  private let temporary: String
  private let reportedPath: String
  private let file: FileDescriptor

  /// A file that is to take that name in a folder.
  init(for name: String, in folder: Folder, reportedPath: String? = nil) throws(FileError) {
    let temporary = Self.name(for: name, number: .random(in: 0 ... .max))
    self.reportedPath = reportedPath ?? folder.path(name)
    file = try folder.open(temporary, O_WRONLY | O_CREAT | O_EXCL, mode: 0o666, reportedPath: self.reportedPath)
    self.name = name
    self.folder = folder
    self.temporary = temporary
  }

  /// A file that is to take that path.
  init(for path: String, reportedPath: String? = nil) throws(FileError) {
    let slash = path.lastIndex(of: "/")
    let name = slash.map { path[path.index(after: $0)...] } ?? path[...]
    guard !name.isEmpty else { throw FileError("write", path, code: EISDIR) }
    let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    try self.init(
      for: String(name), in: Folder(folder, reportedPath: reportedPath ?? path), reportedPath: reportedPath ?? path)
  }

  deinit { folder.remove(temporary) }

  /// `.NAME.<random>.tmp`, with no more of a long name than leaves room for the rest: a name may have 255 bytes, and less
  /// on some file systems.
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

  /// Takes mode and owner of the file at a path, if there is one.
  func takeAttributes(of path: String) { file.takeAttributes(of: path) }

  func put(_ bytes: [UInt8]) throws(FileError) {
    var outcome = Result<Void, FileError>.success(())
    bytes.withUnsafeBytes { buffer in
      do throws(FileError) { try file.write(buffer) } catch { outcome = .failure(error) }
    }
    try outcome.get()
  }

  /// Gives the file its real name. What remains to be removed under the temporary one then is nothing.
  func commit() throws(FileError) {
    try file.synchronize()
    try rename()
  }

  /// The same, if `confirm` does not throw at the last moment.
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
