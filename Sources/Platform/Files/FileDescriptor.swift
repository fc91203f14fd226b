import Glibc

/// An open file; closed when it goes. Every call is repeated when a signal interrupts it.
package struct FileDescriptor: ~Copyable, Sendable {
  private(set) var number: Int32
  /// The path that errors name.
  private let path: String

  /// Opens `path`; errors name `reportedPath` if that is what the user knows.
  init(_ path: String, _ flags: Int32, mode: mode_t = 0, reportedPath: String? = nil) throws(FileError) {
    try self.init(at: AT_FDCWD, path, flags, mode: mode, reportedPath: reportedPath ?? path)
  }

  /// Opens what has that name in the folder that is open as `folder`.
  init(at folder: Int32, _ name: String, _ flags: Int32, mode: mode_t, reportedPath: String) throws(FileError) {
    var number = openat(folder, name, flags | O_CLOEXEC, mode)
    while number < 0, errno == EINTR { number = openat(folder, name, flags | O_CLOEXEC, mode) }
    self.number = number
    path = reportedPath
    guard number >= 0 else { throw FileError("open", path) }
  }

  /// Opens a regular file for reading. A pipe without a writer would keep an ordinary open waiting; here it is an error, as
  /// are folders, sockets and devices.
  package static func reading(_ path: String) throws(FileError) -> FileDescriptor {
    let file = try FileDescriptor(path, O_RDONLY | O_NONBLOCK)
    _ = try file.size()
    return file
  }

  deinit {
    if number >= 0 { Glibc.close(number) }
  }

  /// The file's size in bytes, if it is a regular file.
  package func size() throws(FileError) -> Int {
    var status = stat()
    guard fstat(number, &status) == 0 else { throw FileError("examine", path) }
    guard status.st_mode & S_IFMT != S_IFDIR else { throw FileError("read", path, code: EISDIR) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw FileError("read", path, code: ESPIPE) }
    return Int(status.st_size)
  }

  /// Reads what comes next, as much as the buffer takes; 0 at the file's end.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    while true {
      let count = Glibc.read(number, buffer.baseAddress, buffer.count)
      if count >= 0 { return count }
      if errno != EINTR { throw FileError("read", path) }
    }
  }

  /// Reads what stands at `offset`, as much as the buffer takes; fewer bytes only at the file's end.
  package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) -> Int {
    var done = 0
    while done < buffer.count {
      let count = pread(number, buffer.baseAddress! + done, buffer.count - done, off_t(offset + done))
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw FileError("read", path) }
      if count == 0 { break }
      done += count
    }
    return done
  }

  /// The first bytes of the file, at most so many: what `FileKind` looks at.
  package func firstBytes(_ count: Int = FileKind.bytesToSee) throws(FileError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var outcome = Result<Int, FileError>.success(0)
    bytes.withUnsafeMutableBytes { buffer in
      outcome = Result { () throws(FileError) in try read(into: buffer, at: 0) }
    }
    return Array(bytes.prefix(try outcome.get()))
  }

  /// Writes all the bytes.
  func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    var rest = bytes
    while !rest.isEmpty {
      let count = Glibc.write(number, rest.baseAddress, rest.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw FileError("write", path) }
      // A device that takes nothing and reports nothing has no room.
      guard count > 0 else { throw FileError("write", path, code: ENOSPC) }
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
    }
  }

  /// Returns when what was written is on the disk.
  func synchronize() throws(FileError) {
    while fsync(number) != 0 {
      if errno != EINTR { throw FileError("flush", path) }
    }
  }

  /// Flushes a folder, so that a new name in it is on the disk; some file systems cannot, and need not.
  func synchronizeFolder() throws(FileError) {
    while fsync(number) != 0 {
      if errno == EINVAL || errno == EROFS { return }
      if errno != EINTR { throw FileError("flush", path) }
    }
  }

  /// Takes mode and owner of the file at a path, if there is one; an owner only where the system lets us.
  func takeAttributes(of path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return }
    // The owner first: a change of it clears bits of the mode.
    _ = fchown(number, status.st_uid, status.st_gid)
    _ = fchmod(number, status.st_mode & 0o7777)
  }

  /// From now on a write waits until there is room.
  func waitWhenFull() throws(FileError) {
    let flags = fcntl(number, F_GETFL)
    guard flags >= 0, fcntl(number, F_SETFL, flags & ~O_NONBLOCK) == 0 else { throw FileError("open", path) }
  }

  /// Another descriptor of a file that is open already.
  static func duplicate(_ descriptor: Int32, path: String) throws(FileError) -> FileDescriptor {
    let number = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
    guard number >= 0 else { throw FileError("write", path) }
    return FileDescriptor(owning: number, path: path)
  }

  private init(owning number: Int32, path: String) {
    self.number = number
    self.path = path
  }

  /// Forgets the file's contents.
  func truncate() throws(FileError) {
    while ftruncate(number, 0) != 0 {
      if errno != EINTR { throw FileError("write", path) }
    }
  }

  /// Whether `path` still names this file.
  func isStill(at path: String) -> Bool {
    var named = stat()
    return stat(path, &named) == 0 && isFile(of: named)
  }

  /// Whether that is what is known of this file.
  func isFile(of status: stat) -> Bool {
    var mine = stat()
    return fstat(number, &mine) == 0 && mine.st_ino == status.st_ino && mine.st_dev == status.st_dev
  }

  /// The number of names that the file has; 0 when it was removed.
  var linkCount: Int {
    var status = stat()
    return fstat(number, &status) == 0 ? Int(status.st_nlink) : 0
  }

  /// The system's `fcntl` with a lock as its argument.
  func control(_ command: Int32, _ lock: inout flock) -> Int32 { fcntl(number, command, &lock) }

  /// An error of this file with the number of the call that has just failed.
  func failure(_ operation: String) -> FileError { FileError(operation, path) }

  /// The open file's number, which is now the caller's to close.
  consuming func release() -> Int32 {
    let open = number
    number = -1
    return open
  }

  /// Closes the file and reports what the disk has to say at the last moment.
  consuming func close() throws(FileError) {
    let open = number
    number = -1
    guard Glibc.close(open) == 0 || errno == EINTR else { throw FileError("close", path) }
  }
}
