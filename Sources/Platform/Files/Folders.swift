import Glibc

/// Folders for files to be.
public enum Folders {
  /// Makes the folder, with the folders above it, unless it is there.
  public static func make(_ path: String) throws(FileError) {
    var made = path.hasPrefix("/") ? "" : "."
    for component in path.split(separator: "/") {
      made += "/" + component
      if mkdir(made, 0o777) != 0 && errno != EEXIST { throw FileError("make the folder", made) }
    }
    var status = stat()
    guard stat(path, &status) == 0 else { throw FileError("make the folder", path) }
    guard status.st_mode & S_IFMT == S_IFDIR else { throw FileError("make the folder", path, code: ENOTDIR) }
  }

  /// Makes a folder that was not there, with the folders above it: `path`, or the first free one of `path-2`, `path-3`, ...
  /// Whoever else does the same at the same moment gets another one.
  ///
  /// - Returns: the folder's path.
  public static func makeNew(_ path: String) throws(FileError) -> String {
    if let slash = path.lastIndex(of: "/"), slash != path.startIndex { try make(String(path[..<slash])) }
    var (candidate, number) = (path, 1)
    while mkdir(candidate, 0o777) != 0 {
      guard errno == EEXIST else { throw FileError("make the folder", candidate) }
      number += 1
      candidate = "\(path)-\(number)"
    }
    return candidate
  }

  /// The names of what a folder holds, in no order; none if there is no folder.
  public static func names(in path: String) throws(FileError) -> [String] {
    do throws(FileError) {
      return try Folder(path).names()
    } catch {
      if error.code == ENOENT { return [] }
      throw FileError("read the folder", path, code: error.code)
    }
  }

  /// The names in a folder in their order, without hidden ones; none if it cannot be read. Of a folder with more than `limit`
  /// names the rest is not looked at.
  package static func visibleNames(in path: String, atMost limit: Int) -> [String] {
    guard let stream = opendir(path) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while names.count < limit, let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  /// A folder's path without a slash at its end.
  package static func trimmed(_ path: String) -> String {
    path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
  }
}
