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

  /// The names of what a folder holds, in no order; none if there is no folder.
  public static func names(in path: String) throws(FileError) -> [String] {
    guard let folder = opendir(path) else {
      if errno == ENOENT { return [] }
      throw FileError("read the folder", path)
    }
    defer { closedir(folder) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(folder) else {
        if errno != 0 { throw FileError("read the folder", path) }
        return names
      }
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
  }
}
