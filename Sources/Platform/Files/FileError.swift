import Glibc

/// A file operation that the system refused.
public struct FileError: UserError, Hashable, Sendable, CustomStringConvertible {
  /// Reading or writing failed.
  public var failureKind: FailureKind { .io }

  /// What was tried, as a verb: `open`, `read`, `write`, `rename`, ...
  public let operation: String
  /// The path as the user knows it.
  public let path: String
  /// The system's error number.
  public let code: Int32
  /// Whether a file system that has room for bytes has none for another file.
  private let isOutOfInodes: Bool

  /// An error of this operation, by default with the number of the call that has just failed.
  public init(_ operation: String, _ path: String, code: Int32 = errno) {
    self.operation = operation
    self.path = path
    self.code = code
    isOutOfInodes = code == ENOSPC && Self.isOutOfInodes(path)
  }

  /// Whether there is nothing of that path.
  public var isMissing: Bool { code == ENOENT }

  /// Whether there is room for bytes, but not for another file, where that path is or is to be.
  private static func isOutOfInodes(_ path: String) -> Bool {
    var place = path
    var status = statvfs()
    while statvfs(place, &status) != 0 {
      guard place != ".", place != "/" else { return false }
      let slash = place.lastIndex(of: "/")
      place = slash.map { $0 == place.startIndex ? "/" : String(place[..<$0]) } ?? "."
    }
    return status.f_files > 0 && status.f_favail == 0 && status.f_bavail > 0
  }

  /// `cannot write FILE: No space left on device; what to do`.
  public var description: String {
    let place = foreign(path)
    if code == ESPIPE { return "cannot \(operation) \(place): it is a pipe, a socket or a device; name a regular file" }
    let advice =
      switch code {
      case ENOSPC where isOutOfInodes:
        ": its file system has room, but no free inodes for another file; remove some files or choose another folder"
      case ENOSPC, EDQUOT: "; free some space or choose another folder"
      case EROFS, EACCES, EPERM: "; choose a folder that you may write, or a file that you may read"
      case ENOENT: "; check the path, a folder in it may be missing"
      case ENXIO: "; it is a pipe that nobody reads, or a socket"
      case EFBIG: "; the file would be larger than this process may make files (ulimit -f)"
      case ENAMETOOLONG: "; choose a shorter name"
      case ENOTDIR: "; a part of the path is a file where a folder should be"
      case EISDIR: "; name a file, not a folder"
      default: ""
      }
    return "cannot \(operation) \(place): \(String(cString: strerror(code)))\(advice)"
  }
}
