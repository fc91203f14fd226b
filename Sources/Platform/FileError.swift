import Glibc

/// A file operation that the system refused.
public struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was tried, as a verb: `open`, `read`, `write`, `rename`, ...
  public let operation: String
  /// The path as the user knows it.
  public let path: String
  /// The system's error number.
  public let code: Int32

  /// An error of this operation, by default with the number of the call that has just failed.
  public init(_ operation: String, _ path: String, code: Int32 = errno) {
    self.operation = operation
    self.path = path
    self.code = code
  }

  /// `cannot write FILE: No space left on device; what to do`.
  public var description: String {
    let place = foreign(path)
    if code == ESPIPE { return "cannot \(operation) \(place): it is a pipe, a socket or a device; name a regular file" }
    let advice =
      switch code {
      case ENOSPC, EDQUOT: "; free some space or choose another folder"
      case EROFS, EACCES, EPERM: "; choose a folder that you may write, or a file that you may read"
      case ENOENT: "; check the path, a folder in it may be missing"
      case EFBIG: "; the file would be larger than this process may make files (ulimit -f)"
      case ENOTDIR: "; a part of the path is a file where a folder should be"
      case EISDIR: "; name a file, not a folder"
      default: ""
      }
    return "cannot \(operation) \(place): \(String(cString: strerror(code)))\(advice)"
  }
}
