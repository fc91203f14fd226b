import Glibc

/// A folder that is held open. What is done in it is done in this very folder, wherever it is moved to, and never in another
/// one that has taken its name.
public final class Folder: Sendable {
  /// What a name in a folder stands for.
  public enum Kind: Equatable, Sendable {
    case file, folder
    /// A FIFO, a socket, a device, or a link to nothing; with the word for it.
    case other(String)
  }

  /// The path by which it was opened, which errors name.
  public let path: String
  private let file: FileDescriptor

  /// Opens a folder; errors name `reportedPath` if that is what the user knows.
  public init(_ path: String, reportedPath: String? = nil) throws(FileError) {
    file = try FileDescriptor(path, O_RDONLY | O_DIRECTORY, reportedPath: reportedPath ?? path)
    self.path = path
  }

  private init(_ name: String, in folder: Folder) throws(FileError) {
    file = try folder.open(name, O_RDONLY | O_DIRECTORY)
    path = folder.path(name)
  }

  /// The folder of that name in this one.
  public func folder(_ name: String) throws(FileError) -> Folder { try Folder(name, in: self) }

  /// The path of something in this folder, for people.
  public func path(_ name: String) -> String { path == "/" ? "/" + name : "\(path)/\(name)" }

  /// Opens a file in this folder.
  func open(
    _ name: String, _ flags: Int32, mode: mode_t = 0, reportedPath: String? = nil
  ) throws(FileError) -> FileDescriptor {
    try FileDescriptor(at: file.number, name, flags, mode: mode, reportedPath: reportedPath ?? path(name))
  }

  /// What that name stands for, behind links; nil if there is no such name.
  public func kind(of name: String) -> Kind? {
    guard let status = status(name, AT_SYMLINK_NOFOLLOW) else { return nil }
    switch (self.status(name) ?? status).st_mode & S_IFMT {
    case S_IFREG: return .file
    case S_IFDIR: return .folder
    case S_IFLNK: return .other("a link to nothing")
    case S_IFIFO: return .other("a FIFO")
    case S_IFSOCK: return .other("a socket")
    default: return .other("a device")
    }
  }

  /// The size of a file in bytes; nil if there is none.
  public func size(of name: String) -> Int? { status(name).map { Int($0.st_size) } }

  /// Reads a regular file, but no more than so many bytes of it.
  public func read(_ name: String, atMost limit: Int = .max) throws(FileError) -> [UInt8] {
    let file = try open(name, O_RDONLY | O_NONBLOCK)
    return try FileBytes.read(file, atMost: limit)
  }

  /// Makes a folder in this one; false if the name is taken.
  public func make(_ name: String) throws(FileError) -> Bool {
    if mkdirat(file.number, name, 0o777) == 0 { return true }
    guard errno == EEXIST else { throw FileError("make the folder", path(name)) }
    return false
  }

  /// Gives something in this folder its place in another one of the same file system. What has that name there goes.
  public func move(_ name: String, to other: Folder, as newName: String? = nil) throws(FileError) {
    guard renameat(file.number, name, other.file.number, newName ?? name) == 0 else {
      throw FileError("rename", path(name))
    }
  }

  /// Removes a file, or an empty folder; whether that succeeded.
  @discardableResult
  public func remove(_ name: String, isFolder: Bool = false) -> Bool {
    unlinkat(file.number, name, isFolder ? AT_REMOVEDIR : 0) == 0
  }

  /// Returns when new names in this folder are on the disk.
  func synchronize() throws(FileError) { try file.synchronizeFolder() }

  /// What the system knows of a name in this folder; nil if there is no such name.
  func status(_ name: String, _ flags: Int32 = 0) -> stat? {
    var status = stat()
    return fstatat(file.number, name, &status, flags) == 0 ? status : nil
  }
}

// Where the folder is now.
extension Folder {
  /// Whether its path still leads to it.
  public var isInPlace: Bool { file.isStill(at: path) }

  /// Whether it was removed: nothing can be made in it any more.
  public var isRemoved: Bool { file.linkCount == 0 }

  /// Where it is, as the system knows it; nil where it does not say.
  public var currentPath: String? {
    var target = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/fd/\(file.number)", &target, target.count)
    return count > 0 ? String(decoding: target.prefix(count), as: UTF8.self) : nil
  }
}

extension Folder {
  /// The names of what is in it, in no order.
  public func names() throws(FileError) -> [String] {
    // Of an open file of its own, because two readers of one would share their place in it.
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
