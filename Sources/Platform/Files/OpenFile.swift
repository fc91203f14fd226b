import Glibc
import SystemPackage

/// An open file, closed when this value is destroyed. System calls that a signal interrupts are repeated.
///
/// It is swift-system's `FileDescriptor` with an owner, and with a path for errors. What that package does not have is called
/// directly: opening in a folder, flushing, owners, and locks on an open file description.
package struct OpenFile: ~Copyable, Sendable {
  private var descriptor: FileDescriptor
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
    descriptor = FileDescriptor(rawValue: number)
    path = reportedPath
    guard number >= 0 else { throw FileError("open", path) }
  }

  /// Opens a regular file for reading. Anything else is an error: a folder, a socket, a device, or a pipe, on which a
  /// plain `open` would block until there is a writer.
  package static func reading(_ path: String) throws(FileError) -> OpenFile {
    let file = try OpenFile(path, O_RDONLY | O_NONBLOCK)
    _ = try file.size()
    return file
  }

  deinit {
    if number >= 0 { try? descriptor.close() }
  }

  /// The descriptor's number, for calls that swift-system does not have; -1 once it was given up.
  var number: Int32 { descriptor.rawValue }

  /// The file's status.
  private func status() throws(FileError) -> Stat {
    do throws(Errno) { return try Stat(descriptor) } catch { throw FileError("examine", path, code: error.rawValue) }
  }

  /// Calls swift-system, and shows the path in its errors.
  private func attempt<Outcome>(_ operation: String, _ call: () throws -> Outcome) throws(FileError) -> Outcome {
    do { return try call() } catch { throw FileError(operation, path, code: (error as? Errno)?.rawValue ?? EIO) }
  }

  /// The file's size in bytes. Throws if it is not a regular file.
  package func size() throws(FileError) -> Int {
    let status = try status()
    guard status.type != .directory else { throw FileError("read", path, code: EISDIR) }
    guard status.type == .regular else { throw FileError("read", path, code: ESPIPE) }
    return Int(status.size)
  }

  /// Reads up to the buffer's size from the current offset. Returns the number of bytes read, 0 at the end of the file.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    try attempt("read") { try descriptor.read(into: buffer) }
  }

  /// Fills the buffer from `offset` on. Returns the number of bytes read, fewer than the buffer's size only at the end of
  /// the file.
  package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) -> Int {
    var done = 0
    while done < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
      let count = try attempt("read") { try descriptor.read(fromAbsoluteOffset: Int64(offset + done), into: rest) }
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
      let count = try attempt("write") { try descriptor.write(rest) }
      // A device that accepts no bytes and reports no error is full.
      guard count > 0 else { throw FileError("write", path, code: ENOSPC) }
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
    }
  }

  /// Writes all the bytes.
  func write(_ bytes: [UInt8]) throws(FileError) {
    var outcome = Result<Void, FileError>.success(())
    bytes.withUnsafeBytes { buffer in
      do throws(FileError) { try write(buffer) } catch { outcome = .failure(error) }
    }
    try outcome.get()
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
  static func duplicate(_ descriptor: Int32, path: String) throws(FileError) -> OpenFile {
    let number = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
    guard number >= 0 else { throw FileError("write", path) }
    return OpenFile(owning: FileDescriptor(rawValue: number), path: path)
  }

  private init(owning descriptor: FileDescriptor, path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  /// Truncates the file to a length in bytes.
  func truncate(to length: Int = 0) throws(FileError) {
    try attempt("write") { try descriptor.resize(to: Int64(length)) }
  }

  /// Whether `path` still names this file.
  func isStill(at path: String) -> Bool {
    var named = stat()
    return stat(path, &named) == 0 && isFile(of: named)
  }

  /// Whether `status` describes this file: the same device and inode.
  func isFile(of status: stat) -> Bool {
    guard let mine = try? self.status().rawValue else { return false }
    return mine.st_ino == status.st_ino && mine.st_dev == status.st_dev
  }

  /// The number of hard links to the file; 0 after it was removed.
  var linkCount: Int {
    (try? status().linkCount) ?? 0
  }

  /// `fcntl` with a lock as its argument.
  func control(_ command: Int32, _ lock: inout flock) -> Int32 { fcntl(number, command, &lock) }

  /// The error of an operation on this file that has just failed, from `errno`.
  func failure(_ operation: String) -> FileError { FileError(operation, path) }

  /// Gives up ownership: the caller closes the returned descriptor.
  consuming func release() -> Int32 {
    let open = number
    descriptor = FileDescriptor(rawValue: -1)
    return open
  }
}
