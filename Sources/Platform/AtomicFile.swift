import Glibc

/// Files that are there whole or not at all.
///
/// The bytes go to a temporary name in the same folder, are flushed to the disk, and take the real name by a rename; then the
/// folder is flushed too. Whoever opens the real name, after whatever crash, finds the old contents or the new ones. If
/// anything fails, the old file is untouched and the temporary one removed; only a kill leaves one, `.NAME.<random>.tmp`.
public enum AtomicFile {
  /// Writes a file of these bytes.
  public static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
    let file = try TemporaryFile(for: path)
    try file.put(bytes)
    try file.commit()
  }

  /// Writes a file of this text, in UTF-8.
  public static func write(_ text: String, to path: String) throws(FileError) {
    try write(Array(text.utf8), to: path)
  }

  /// Writes a file piece by piece: `contents` is called once and hands each piece to its argument.
  ///
  /// Throws `FileError`, or what `contents` throws; in either case the file is as it was before.
  public static func write(
    to path: String, contents: (_ put: ([UInt8]) throws(FileError) -> Void) throws -> Void
  ) throws {
    let file = try TemporaryFile(for: path)
    try contents { bytes throws(FileError) in try file.put(bytes) }
    try file.commit()
  }
}

extension AtomicFile {
  /// Whether a file of this name is one that a killed writer has left.
  public static func isTemporary(_ name: String) -> Bool { name.hasPrefix(".") && name.hasSuffix(".tmp") }
}

/// A file under its temporary name, which goes with this value unless `commit()` has succeeded.
private struct TemporaryFile: ~Copyable {
  private let path: String
  private let folder: String
  private let temporary: String
  private let file: FileDescriptor

  init(for path: String) throws(FileError) {
    let slash = path.lastIndex(of: "/")
    let name = slash.map { path[path.index(after: $0)...] } ?? path[...]
    guard !name.isEmpty else { throw FileError("write", path, code: EISDIR) }
    let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let temporary = "\(folder)/.\(name).\(String(UInt64.random(in: 0 ... .max), radix: 36)).tmp"
    file = try FileDescriptor(temporary, O_WRONLY | O_CREAT | O_EXCL, mode: 0o666, reportedPath: path)
    self.path = path
    self.folder = folder
    self.temporary = temporary
  }

  deinit { unlink(temporary) }

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
    guard rename(temporary, path) == 0 else { throw FileError("write", path) }
    try FileDescriptor(folder, O_RDONLY | O_DIRECTORY).synchronizeFolder()
  }
}
