import Glibc

/// An open file, closed when this value is destroyed. System calls that a signal interrupts are repeated.
package struct FileDescriptor: ~Copyable, Sendable {
  private(set) var number: Int32
  /// The path shown in errors.
  private let path: String

  /// Opens `path`; errors show `reportedPath` instead if given.
  init(_ path: String, _ flags: Int32, mode: mode_t = 0, reportedPath: String? = nil) throws(FileError) {
    try self.init(at: AT_FDCWD, path, flags, mode: mode, reportedPath: reportedPath ?? path)
  }

  /// Opens the file `name` in the folder with the descriptor `folder`.
  init(at folder: Int32, _ name: String, _ flags: Int32, mode: mode_t, reportedPath: String) throws(FileError) {
    var number = openat(folder, name, flags | O_CLOEXEC, mode)
    while number < 0, errno == EINTR { number = openat(folder, name, flags | O_CLOEXEC, mode) }
    self.number = number
    path = reportedPath
    guard number >= 0 else { throw FileError("open", path) }
  }

  /// Opens a regular file for reading. Anything else is an error: a folder, a socket, a device, or a pipe, on which a
  /// plain `open` would block until there is a writer.
  package static func reading(_ path: String) throws(FileError) -> FileDescriptor {
    let file = try FileDescriptor(path, O_RDONLY | O_NONBLOCK)
    _ = try file.size()
    return file
  }

  deinit {
    if number >= 0 { Glibc.close(number) }
  }

  /// The file's size in bytes. Throws if it is not a regular file.
  package func size() throws(FileError) -> Int {
    var status = stat()
    guard fstat(number, &status) == 0 else { throw FileError("examine", path) }
    guard status.st_mode & S_IFMT != S_IFDIR else { throw FileError("read", path, code: EISDIR) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw FileError("read", path, code: ESPIPE) }
    return Int(status.st_size)
  }

  /// Reads up to the buffer's size from the current offset. Returns the number of bytes read, 0 at the end of the file.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    while true {
      let count = Glibc.read(number, buffer.baseAddress, buffer.count)
      if count >= 0 { return count }
      if errno != EINTR { throw FileError("read", path) }
    }
  }

  /// Fills the buffer from `offset` on. Returns the number of bytes read, fewer than the buffer's size only at the end of
  /// the file.
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

  /// The first `count` bytes of the file, fewer if it is shorter; by default, as many as `FileKind` needs.
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
      // A device that accepts no bytes and reports no error is full.
      guard count > 0 else { throw FileError("write", path, code: ENOSPC) }
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
    }
  }

  /// Flushes the file to disk.
  func synchronize() throws(FileError) {
    while fsync(number) != 0 {
      if errno != EINTR { throw FileError("flush", path) }
    }
  }

  /// Flushes a folder, so that new names in it are on disk; some file systems do not support this and do not need it.
  func synchronizeFolder() throws(FileError) {
    while fsync(number) != 0 {
      if errno == EINVAL || errno == EROFS { return }
      if errno != EINTR { throw FileError("flush", path) }
    }
  }

  /// Copies the mode and, where permitted, the owner of the file at `path`, if it exists.
  func takeAttributes(of path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return }
    // The owner first: changing it clears the set-user-ID and set-group-ID bits.
    _ = fchown(number, status.st_uid, status.st_gid)
    _ = fchmod(number, status.st_mode & 0o7777)
  }

  /// Makes writes blocking.
  func waitWhenFull() throws(FileError) {
    let flags = fcntl(number, F_GETFL)
    guard flags >= 0, fcntl(number, F_SETFL, flags & ~O_NONBLOCK) == 0 else { throw FileError("open", path) }
  }

  /// Duplicates a descriptor.
  static func duplicate(_ descriptor: Int32, path: String) throws(FileError) -> FileDescriptor {
    let number = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
    guard number >= 0 else { throw FileError("write", path) }
    return FileDescriptor(owning: number, path: path)
  }

  private init(owning number: Int32, path: String) {
    self.number = number
    self.path = path
  }

  /// Truncates the file to length 0.
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

  /// Whether `status` describes this file: the same device and inode.
  func isFile(of status: stat) -> Bool {
    var mine = stat()
    return fstat(number, &mine) == 0 && mine.st_ino == status.st_ino && mine.st_dev == status.st_dev
  }

  /// The number of hard links to the file; 0 after it was removed.
  var linkCount: Int {
    var status = stat()
    return fstat(number, &status) == 0 ? Int(status.st_nlink) : 0
  }

  /// `fcntl` with a lock as its argument.
  func control(_ command: Int32, _ lock: inout flock) -> Int32 { fcntl(number, command, &lock) }

  /// The error of an operation on this file that has just failed, from `errno`.
  func failure(_ operation: String) -> FileError { FileError(operation, path) }

  /// Gives up ownership: the caller closes the returned descriptor.
  consuming func release() -> Int32 {
    let open = number
    number = -1
    return open
  }

  /// Closes the file and throws errors that the system reports only on close.
  consuming func close() throws(FileError) {
    let open = number
    number = -1
    guard Glibc.close(open) == 0 || errno == EINTR else { throw FileError("close", path) }
  }
}
