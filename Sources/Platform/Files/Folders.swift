import Glibc

/// Creates and lists folders.
public enum Folders {
  /// Makes a folder and its parents where they do not exist.
  public static func make(_ path: String) throws(FileError) {
    var made = path.hasPrefix("/") ? "" : "."
    for component in path.split(separator: "/") {
      made += "/" + component
      if mkdir(made, 0o777) != 0 && errno != EEXIST { throw FileError("create the folder", made) }
    }
    var status = stat()
    guard stat(path, &status) == 0 else { throw FileError("create the folder", path) }
    guard status.st_mode & S_IFMT == S_IFDIR else { throw FileError("create the folder", path, code: ENOTDIR) }
  }

  /// Makes a new folder and its parents: `path`, or the first free one of `path-2`, `path-3`, ... Processes that do this
  /// at the same time get different folders.
  ///
  /// - Returns: the new folder's path.
  public static func makeNew(_ path: String) throws(FileError) -> String {
    if let slash = path.lastIndex(of: "/"), slash != path.startIndex { try make(String(path[..<slash])) }
    var (candidate, number) = (path, 1)
    while mkdir(candidate, 0o777) != 0 {
      guard errno == EEXIST else { throw FileError("create the folder", candidate) }
      number += 1
      candidate = "\(path)-\(number)"
    }
    return candidate
  }

  /// The names of a folder's entries, in no particular order; empty if the folder does not exist.
  public static func names(in path: String) throws(FileError) -> [String] {
    do throws(FileError) {
      return try Folder(path).names()
    } catch {
      if error.code == ENOENT { return [] }
      throw FileError("read the folder", path, code: error.code)
    }
  }

  /// The names of a folder's visible entries, sorted; empty if it cannot be read. Reads at most `limit` visible entries.
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

  /// The path without a trailing slash.
  package static func trimmed(_ path: String) -> String {
    path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
  }
}
