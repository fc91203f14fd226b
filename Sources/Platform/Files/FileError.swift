import Glibc

/// A failed file operation.
public struct FileError: UserError, Hashable, Sendable, CustomStringConvertible {
  /// `FailureKind.io`.
  public var failureKind: FailureKind { .io }

  /// The operation, as a verb: `open`, `read`, `write`, `rename`, ...
  public let operation: String
  /// The path as shown to the user.
  public let path: String
  /// The system's error number (`errno`).
  public let code: Int32
  /// Whether the file system has free space but no free inodes.
  private let isOutOfInodes: Bool

  /// An error of `operation` on `path`, by default with the current `errno`.
  public init(_ operation: String, _ path: String, code: Int32 = errno) {
    self.operation = operation
    self.path = path
    self.code = code
    isOutOfInodes = code == ENOSPC && Self.isOutOfInodes(path)
  }

  /// Whether the path does not exist (`ENOENT`).
  public var isMissing: Bool { code == ENOENT }

  /// Whether there is a folder, a pipe, a socket or a device where a regular file is needed.
  package var isNotRegular: Bool { code == EISDIR || code == ESPIPE }

  /// Whether the operation is on something that must be there already.
  private var reads: Bool { ["open", "read", "examine", "find", "read the folder"].contains(operation) }

  /// The system's message.
  package var reason: String { String(cString: strerror(code)) }

  /// Whether the path's file system has free space but no free inodes. Looks at the nearest parent that exists.
  private static func isOutOfInodes(_ path: String) -> Bool {
    var existing = path
    var status = statvfs()
    while statvfs(existing, &status) != 0 {
      guard existing != ".", existing != "/" else { return false }
      let slash = existing.lastIndex(of: "/")
      existing = slash.map { $0 == existing.startIndex ? "/" : String(existing[..<$0]) } ?? "."
    }
    return status.f_files > 0 && status.f_favail == 0 && status.f_bavail > 0
  }

  /// The operation, the path, the system's message and advice, e.g. `cannot write FILE: No space left on device; free
  /// some space or choose another folder`.
  public var description: String {
    let path = foreign(self.path)
    if code == ESPIPE { return "cannot \(operation) \(path): it is a pipe, a socket or a device; name a regular file" }
    let advice =
      switch code {
      case ENOSPC where isOutOfInodes:
        ": the file system has free space but no free inodes; remove some files or choose another folder"
      case ENOSPC, EDQUOT: "; free some space or choose another folder"
      case EROFS, EACCES, EPERM: "; choose a folder that you can write to, or a file that you can read"
      // Where a folder has bytes that are not UTF-8, the name that was read from it has this character, and no file has that name.
      case ENOENT where reads && path.contains("\u{FFFD}"):
        "; check the path: names must be UTF-8, so rename it if it is not"
      case ENOENT where reads: "; check the path"
      case ENOENT: "; check the path: a folder in it may be missing"
      case ENXIO: "; it is a socket, or a pipe without a reader"
      case EFBIG: "; the file would exceed this process's file size limit (ulimit -f)"
      case ENAMETOOLONG: "; choose a shorter name"
      case ENOTDIR: "; a part of the path is a file where a folder should be"
      case EISDIR: "; name a file, not a folder"
      default: ""
      }
    return "cannot \(operation) \(path): \(reason)\(advice)"
  }
}
