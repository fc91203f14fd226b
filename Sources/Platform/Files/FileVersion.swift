import Glibc

/// Which file a path names at a moment, and in which state: two looks at an unchanged file are equal.
///
/// Another file of that name has another inode, and one that was written another modification or status change time.
public struct FileVersion: Hashable, Sendable {
  /// The file system and the file's number in it.
  public let device: Int, inode: Int
  /// The size in bytes.
  public let size: Int
  /// When the contents were last changed, in nanoseconds since 1970.
  public let modified: Int
  /// When the contents or the inode were last changed.
  public let changed: Int

  /// Looks at a file.
  public init(_ path: String) throws(FileError) {
    var status = stat()
    while stat(path, &status) != 0 {
      if errno != EINTR { throw FileError("examine", path) }
    }
    device = Int(bitPattern: UInt(status.st_dev))
    inode = Int(bitPattern: UInt(status.st_ino))
    size = Int(status.st_size)
    modified = status.st_mtim.tv_sec &* 1_000_000_000 &+ status.st_mtim.tv_nsec
    changed = status.st_ctim.tv_sec &* 1_000_000_000 &+ status.st_ctim.tv_nsec
  }

  /// The fields, for a comparison among processes.
  public var numbers: [Int] { [device, inode, size, modified, changed] }
}
