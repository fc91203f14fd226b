import Glibc

/// The identity and state of a file: equal as long as the path names the same unchanged file.
///
/// Replacing the file changes its inode; writing to it changes its modification and status change times.
public struct FileVersion: Hashable, Sendable {
  /// The device and the inode number.
  public let device: Int, inode: Int
  /// The size in bytes.
  public let size: Int
  /// When the contents were last changed, in nanoseconds since 1970.
  public let modified: Int
  /// When the contents or the inode were last changed, in nanoseconds since 1970.
  public let changed: Int

  /// The current version of the file at `path`.
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

  /// One version that stands for many files in their order: equal, but for a chance of 2^-64, as long as all of them are. Its size is
  /// their sum.
  public init(combining versions: some Sequence<FileVersion>) {
    var fields = [Int](repeating: 0, count: 5)
    for version in versions {
      for (index, number) in version.numbers.enumerated() {
        let mixed =
          (UInt64(bitPattern: Int64(fields[index])) ^ UInt64(bitPattern: Int64(number))) &* 0x9E37_79B9_7F4A_7C15
        fields[index] = index == 2 ? fields[2] &+ number : Int(Int64(bitPattern: mixed ^ mixed >> 29))
      }
    }
    (device, inode, size, modified, changed) = (fields[0], fields[1], fields[2], fields[3], fields[4])
  }

  /// The fields in order, for comparison across processes.
  public var numbers: [Int] { [device, inode, size, modified, changed] }
}
