import Glibc

/// A file that only grows, so that others can read along. Unlike `AtomicFile`'s, its end may be cut off after a crash.
public final class GrowingFile: Sendable {
  private let file: OpenFile

  /// Opens a file in a folder to append to it; makes it if it is not there.
  ///
  /// - Parameter length: the bytes of it that are kept; nil for all.
  public init(_ name: String, in folder: Folder, keeping length: Int? = nil) throws(FileError) {
    file = try folder.open(name, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, mode: 0o666)
    _ = try file.size()
    if let length { try file.truncate(to: length) }
  }

  /// Appends the bytes; when this returns, whoever reads the file sees them.
  public func append(_ bytes: [UInt8]) throws(FileError) { try file.write(bytes) }
}
