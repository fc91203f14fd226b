import Glibc

/// What names a folder holds, and what stands behind a name.
enum Folder {
  /// What a path leads to.
  enum Kind: Hashable, Sendable {
    case file, folder, other
    case danglingLink(target: String)
    /// A folder, or something in one, that may not be looked into; with the system's words.
    case unreadable(String)
  }

  /// A folder of more names is no folder of data files; the rest is not looked at.
  private static let mostNames = 10_000

  /// What a path leads to; nil if there is nothing.
  static func kind(of path: String) -> Kind? {
    var status = stat()
    if stat(path, &status) == 0 {
      switch status.st_mode & S_IFMT {
      case S_IFREG: return .file
      case S_IFDIR:
        return access(path, R_OK | X_OK) == 0 ? .folder : .unreadable(String(cString: strerror(errno)))
      default: return .other
      }
    }
    let reason = errno
    if let target = linkTarget(of: path) { return .danglingLink(target: target) }
    return reason == ENOENT || reason == ENOTDIR ? nil : .unreadable(String(cString: strerror(reason)))
  }

  /// The names in a folder in their order, without those that begin with a point; none if it cannot be read.
  static func names(in path: String) -> [String] {
    guard let stream = opendir(path) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while names.count < mostNames, let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  /// A folder's path without a slash at its end.
  static func trimmed(_ path: String) -> String {
    path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
  }

  private static func linkTarget(of path: String) -> String? {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = buffer.withUnsafeMutableBytes { bytes in
      bytes.baseAddress.map { readlink(path, $0.assumingMemoryBound(to: CChar.self), bytes.count) } ?? -1
    }
    return count >= 0 ? String(decoding: buffer.prefix(count), as: UTF8.self) : nil
  }
}
