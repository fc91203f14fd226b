/// Atomic file writes: a file has its old contents or its new ones, never a part.
///
/// The bytes are written to a temporary file in the same folder and flushed to disk. A rename then gives it the real
/// name, and the folder is flushed too. After any crash, the real name holds either the old contents or the new ones. On
/// failure the old file is untouched and the temporary file is removed; only a kill leaves one behind, as
/// `.NAME.<random>.tmp`.
public enum AtomicFile {
  /// Writes bytes to a file, replacing its contents.
  public static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
    let file = try TemporaryFile(for: path)
    try file.put(bytes)
    try file.commit()
  }

  /// Writes bytes to a file in an open folder, replacing its contents.
  ///
  /// - Parameter confirm: called just before the rename; if it throws, the file stays as it was.
  public static func write(
    _ bytes: [UInt8], to name: String, in folder: Folder, confirm: () throws -> Void = {}
  ) throws {
    let file = try TemporaryFile(for: name, in: folder)
    try file.put(bytes)
    try file.commit(confirm)
  }

  /// Replaces a file's contents. The new file keeps the old one's mode and, where permitted, its owner.
  static func replace(_ path: String, with bytes: [UInt8], reportedPath: String) throws(FileError) {
    let file = try TemporaryFile(for: path, reportedPath: reportedPath)
    file.takeAttributes(of: path)
    try file.put(bytes)
    try file.commit()
  }

  /// Writes text to a file in UTF-8, replacing its contents.
  public static func write(_ text: String, to path: String) throws(FileError) {
    try write(Array(text.utf8), to: path)
  }

  /// Writes a file piece by piece: `contents` is called once and passes each piece to its argument.
  ///
  /// - Throws: `FileError`, or whatever `contents` throws; in either case the file stays as it was.
  public static func write(
    to path: String, contents: (_ put: ([UInt8]) throws(FileError) -> Void) throws -> Void
  ) throws {
    let file = try TemporaryFile(for: path)
    try contents { bytes throws(FileError) in try file.put(bytes) }
    try file.commit()
  }
}

extension AtomicFile {
  /// Whether this is the name of a temporary file that a killed writer left behind.
  public static func isTemporary(_ name: String) -> Bool { name.hasPrefix(".") && name.hasSuffix(".tmp") }
}
