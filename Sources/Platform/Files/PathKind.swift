import Glibc

/// What exists at a path, following links.
package enum PathKind: Hashable, Sendable {
  case file, folder, other
  case danglingLink(target: String)
  /// Not readable, or in a folder that is not; with the system's message.
  case unreadable(String)

  /// The kind of what is at `path`; nil if nothing is.
  package init?(of path: String) {
    var status = stat()
    if stat(path, &status) == 0 {
      switch status.st_mode & S_IFMT {
      case S_IFREG: self = .file
      case S_IFDIR:
        self = access(path, R_OK | X_OK) == 0 ? .folder : .unreadable(String(cString: strerror(errno)))
      default: self = .other
      }
      return
    }
    let reason = errno
    if let target = Self.linkTarget(of: path) {
      self = .danglingLink(target: target)
    } else if reason == ENOENT || reason == ENOTDIR {
      return nil
    } else {
      self = .unreadable(String(cString: strerror(reason)))
    }
  }

  private static func linkTarget(of path: String) -> String? {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = buffer.withUnsafeMutableBytes { bytes in
      bytes.baseAddress.map { readlink(path, $0.assumingMemoryBound(to: CChar.self), bytes.count) } ?? -1
    }
    return count >= 0 ? String(decoding: buffer.prefix(count), as: UTF8.self) : nil
  }
}
