import Glibc

/// An open folder. Operations apply to this very folder, even after it is moved, and never to another that takes its
/// path.
public final class Folder: Sendable {
  /// The kind of a folder's entry.
  public enum Kind: Equatable, Sendable {
    case file, folder
    /// A FIFO, a socket, a device, or a dangling link; in words, with an article.
    case other(String)
  }

  /// The path that it was opened with, used in errors.
  public let path: String
  private let file: OpenFile

  /// Opens a folder; errors show `reportedPath` instead if given.
  public init(_ path: String, reportedPath: String? = nil) throws(FileError) {
    file = try OpenFile(path, O_RDONLY | O_DIRECTORY, reportedPath: reportedPath ?? path)
    self.path = path
  }

  private init(_ name: String, in folder: Folder) throws(FileError) {
    file = try folder.open(name, O_RDONLY | O_DIRECTORY)
    path = folder.path(name)
  }

  /// Opens the subfolder `name`.
  public func folder(_ name: String) throws(FileError) -> Folder { try Folder(name, in: self) }

  /// The path of an entry of this folder, for messages.
  public func path(_ name: String) -> String { path == "/" ? "/" + name : "\(path)/\(name)" }

  /// Opens a file in this folder.
  func open(
    _ name: String, _ flags: Int32, mode: mode_t = 0, reportedPath: String? = nil
  ) throws(FileError) -> OpenFile {
    try OpenFile(at: file.number, name, flags, mode: mode, reportedPath: reportedPath ?? path(name))
  }

  /// The kind of an entry, following links; nil if it does not exist.
  public func kind(of name: String) -> Kind? {
    guard let status = status(name, AT_SYMLINK_NOFOLLOW) else { return nil }
    switch (self.status(name) ?? status).st_mode & S_IFMT {
    case S_IFREG: return .file
    case S_IFDIR: return .folder
    case S_IFLNK: return .other("a dangling link")
    case S_IFIFO: return .other("a FIFO")
    case S_IFSOCK: return .other("a socket")
    default: return .other("a device")
    }
  }

  /// The size of a file in bytes; nil if it does not exist.
  public func size(of name: String) -> Int? { status(name).map { Int($0.st_size) } }

  /// The first `limit` bytes of a regular file, or all of it if it is shorter.
  public func read(_ name: String, atMost limit: Int = .max) throws(FileError) -> [UInt8] {
    let file = try open(name, O_RDONLY | O_NONBLOCK)
    return try FileBytes.read(file, atMost: limit)
  }

  /// Makes a subfolder; returns false if the name is taken.
  public func make(_ name: String) throws(FileError) -> Bool {
    if mkdirat(file.number, name, 0o777) == 0 { return true }
    guard errno == EEXIST else { throw FileError("create the folder", path(name)) }
    return false
  }

  /// Moves an entry to another folder of the same file system, replacing one of the same name there.
  public func move(_ name: String, to other: Folder, as newName: String? = nil) throws(FileError) {
    guard renameat(file.number, name, other.file.number, newName ?? name) == 0 else {
      throw FileError("rename", path(name))
    }
  }

  /// Removes a file or an empty folder; returns whether that succeeded.
  @discardableResult
  public func remove(_ name: String, isFolder: Bool = false) -> Bool {
    unlinkat(file.number, name, isFolder ? AT_REMOVEDIR : 0) == 0
  }

  /// Flushes new names in this folder to disk.
  func synchronize() throws(FileError) { try file.synchronizeFolder() }

  /// The system's status of an entry; nil if it does not exist.
  func status(_ name: String, _ flags: Int32 = 0) -> stat? {
    var status = stat()
    return fstatat(file.number, name, &status, flags) == 0 ? status : nil
  }
}

// The folder's current path.
extension Folder {
  /// Whether its path still names this folder.
  public var isInPlace: Bool { file.isStill(at: path) }

  /// Whether it was removed: nothing can be created in it any more.
  public var isRemoved: Bool { file.linkCount == 0 }

  /// Its current path according to the kernel; nil if unknown.
  public var currentPath: String? {
    var target = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/fd/\(file.number)", &target, target.count)
    return count > 0 ? String(decoding: target.prefix(count), as: UTF8.self) : nil
  }
}

extension Folder {
  /// The names of its entries, in no particular order.
  public func names() throws(FileError) -> [String] {
    // Opened separately, because all readers of one open folder share its read offset.
    let descriptor = try open(".", O_RDONLY | O_DIRECTORY).release()
    guard let stream = fdopendir(descriptor) else {
      let error = FileError("read the folder", path)
      Glibc.close(descriptor)
      throw error
    }
    defer { closedir(stream) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else {
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
