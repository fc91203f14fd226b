import Glibc

/// A lock file that keeps a second process out of a folder during this value's lifetime.
///
/// The lock itself is the system's record lock on the open file. It ends with its process, however that ends, so there
/// are no stale locks, and it works over NFS. The file's text only names the holder and identifies the file as a lock
/// file; any other file of that name is left alone.
public struct FolderLock: ~Copyable {
  private let file: OpenFile
  private let folder: Folder
  private let name: String

  /// Whether the file system supports locks; if not, nothing keeps a second process out.
  public let isEffective: Bool

  /// The text at the start of every lock file.
  private static let header = "fingerspell lock: "

  /// Takes the lock, waiting up to `patience` seconds for the holder to release it.
  ///
  /// - Parameters:
  ///   - name: the lock file's name in the folder; created if missing.
  ///   - holder: the description of this process that is written to the file.
  ///   - patience: how long to wait, in seconds.
  /// - Throws: `Held`, `Foreign` or `FileError`.
  public init(_ name: String, in folder: Folder, holder: String, patience: Double) throws {
    var attempts = Int(patience / 0.05)
    while true {
      let file = try Self.open(name, in: folder)
      let outcome = try file.lock()
      if outcome != .held {
        // The last holder may have removed the file after we opened it; a lock on it then keeps nobody out.
        guard Self.isNamed(file, name, folder) else { continue }
        try file.truncate()
        try file.write(Array("\(Self.header)\(holder)\n".utf8))
        self.file = file
        self.folder = folder
        self.name = name
        isEffective = outcome == .taken
        return
      }
      guard attempts > 0 else {
        throw Held(path: folder.path(name), holder: String(try Self.text(of: file).dropFirst(Self.header.count)))
      }
      attempts -= 1
      usleep(50_000)
    }
  }

  // Removed while the lock is held, so that this cannot remove another process's file.
  deinit { if isHeld { folder.remove(name) } }

  /// Whether the lock file is still this one: somebody may have removed it, and another process may have created its own.
  public var isHeld: Bool { Self.isNamed(file, name, folder) }

  private static func isNamed(_ file: borrowing OpenFile, _ name: String, _ folder: Folder) -> Bool {
    folder.status(name, AT_SYMLINK_NOFOLLOW).map { file.isFile(of: $0) } ?? false
  }

  /// Opens or creates the lock file; throws `Foreign` if the name is taken by something else.
  private static func open(_ name: String, in folder: Folder) throws -> OpenFile {
    func foreign(_ what: String) -> Foreign { Foreign(path: folder.path(name), what: what) }
    if let status = folder.status(name, AT_SYMLINK_NOFOLLOW) {
      switch status.st_mode & S_IFMT {
      case S_IFREG: break
      case S_IFLNK: throw foreign("is a link")
      default: throw foreign("is not a regular file")
      }
      guard status.st_nlink < 2 else { throw foreign("has hard links") }
    }
    let file: OpenFile
    do throws(FileError) {
      file = try folder.open(name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, mode: 0o666)
    } catch {
      throw error.code == ELOOP ? foreign("is a link") : error
    }
    let text = try text(of: file)
    guard text.isEmpty || text.hasPrefix(header) else { throw foreign("has other contents") }
    return file
  }

  /// The file's first line.
  private static func text(of file: borrowing OpenFile) throws(FileError) -> String {
    String(decoding: try file.firstBytes(200).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }
}

// Errors.
extension FolderLock {
  /// Another process holds the lock.
  public struct Held: UserError, Equatable, CustomStringConvertible {
    /// `FailureKind.io`.
    public var failureKind: FailureKind { .io }

    /// `Remedy.chooseOutput`.
    public var remedy: Remedy? { .chooseOutput }

    /// The lock file's path.
    public let path: String
    /// The holder's description of itself, from the file.
    public let holder: String

    /// The holder, and what to do.
    public var description: String {
      let holder = self.holder.isEmpty ? "a process that is just starting" : foreign(self.holder)
      return "another job is using this run folder: \(path) is locked by \(holder). "
        + "Wait until that job ends. If its host has failed, remove the file"
    }
  }

  /// The lock file's name is taken by something that is not a lock file; it was left untouched.
  public struct Foreign: UserError, Equatable, CustomStringConvertible {
    /// `FailureKind.io`.
    public var failureKind: FailureKind { .io }

    /// `Remedy.chooseOutput`.
    public var remedy: Remedy? { .chooseOutput }

    /// The path that is taken.
    public let path: String
    /// What is wrong with it, to follow the path: `is a link`.
    public let what: String

    /// What is wrong, and what to do.
    public var description: String {
      "\(path) \(what): it is not a lock file of this program and was left untouched. Move it away"
    }
  }
}

extension OpenFile {
  fileprivate enum LockOutcome {
    case taken, held
    /// The file system does not support locks; training there is still possible.
    case unavailable
  }

  /// Locks the file for this open file description, unless another one holds the lock.
  fileprivate func lock() throws(FileError) -> LockOutcome {
    var request = flock()
    request.l_type = Int16(F_WRLCK)
    request.l_whence = Int16(SEEK_SET)
    while true {
      if control(openDescriptionLock, &request) == 0 { return .taken }
      switch errno {
      case EINTR: continue
      case EAGAIN, EACCES: return .held
      case ENOLCK, EOPNOTSUPP, ENOSYS, EINVAL: return .unavailable
      default: throw failure("lock")
      }
    }
  }
}

/// Linux's F_OFD_SETLK: the lock belongs to the open file description, not to the process, which would lose it on any
/// `close` of the file.
private let openDescriptionLock: Int32 = 37
