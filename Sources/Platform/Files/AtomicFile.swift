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

  /// Writes a file of these bytes in a folder that is held open.
  ///
  /// - Parameter confirm: called when nothing but the rename is left; if it throws, the file stays as it was.
  public static func write(
    _ bytes: [UInt8], to name: String, in folder: Folder, confirm: () throws -> Void = {}
  ) throws {
    let file = try TemporaryFile(for: name, in: folder)
    try file.put(bytes)
    try file.commit(confirm)
  }

  /// Writes a file of these bytes; one that is there hands on its mode and, where that is allowed, its owner.
  static func replace(_ path: String, with bytes: [UInt8], reportedPath: String) throws(FileError) {
    let file = try TemporaryFile(for: path, reportedPath: reportedPath)
    file.takeAttributes(of: path)
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
