import Glibc

/// A lock file that keeps a second process out of a folder while this value lives.
///
/// The lock itself is the system's record lock on the open file: it ends with its process however that ends, so that no
/// stale one ever has to be judged, and it holds over NFS too. What is written in the file only tells others who holds it,
/// and that the file is one of these: any other file of that name is left alone.
public struct FolderLock: ~Copyable {
  private let file: FileDescriptor
  private let folder: Folder
  private let name: String

  /// Whether the file system has locks: without, nothing keeps a second process out.
  public let isEffective: Bool

  /// What every lock file begins with.
  private static let mark = "fingerspell lock: "

  /// Takes the lock, and waits a little for a holder that is about to end.
  ///
  /// - Parameters:
  ///   - name: the lock file's name in the folder; made if it is not there.
  ///   - holder: what to write about this process.
  ///   - patience: how long to wait, in seconds.
  /// - Throws: `Held`, `Foreign` or `FileError`.
  public init(_ name: String, in folder: Folder, holder: String, patience: Double) throws {
    var attempts = Int(patience / 0.05)
    while true {
      let file = try Self.open(name, in: folder)
      let outcome = try file.lock()
      if outcome != .held {
        // The last holder may have removed the file after it was opened here: then it locks nobody out.
        guard Self.isNamed(file, name, folder) else { continue }
        try file.truncate()
        try file.write(text: "\(Self.mark)\(holder)\n")
        self.file = file
        self.folder = folder
        self.name = name
        isEffective = outcome == .taken
        return
      }
      guard attempts > 0 else {
        throw Held(path: folder.path(name), holder: String(try Self.text(of: file).dropFirst(Self.mark.count)))
      }
      attempts -= 1
      usleep(50_000)
    }
  }

  // Removed while it is held, so that nobody else's is.
  deinit { if isHeld { folder.remove(name) } }

  /// Whether the folder still has this lock: somebody may have removed the file, and another process made its own.
  public var isHeld: Bool { Self.isNamed(file, name, folder) }

  private static func isNamed(_ file: borrowing FileDescriptor, _ name: String, _ folder: Folder) -> Bool {
    folder.status(name, AT_SYMLINK_NOFOLLOW).map { file.isFile(of: $0) } ?? false
  }

  /// Opens or makes the file, if it is a lock file.
  private static func open(_ name: String, in folder: Folder) throws -> FileDescriptor {
    func foreign(_ what: String) -> Foreign { Foreign(path: folder.path(name), what: what) }
    if let status = folder.status(name, AT_SYMLINK_NOFOLLOW) {
      switch status.st_mode & S_IFMT {
      case S_IFREG: break
      case S_IFLNK: throw foreign("is a link")
      default: throw foreign("is no regular file")
      }
      guard status.st_nlink < 2 else { throw foreign("has another name, too: a hard link") }
    }
    let file: FileDescriptor
    do throws(FileError) {
      file = try folder.open(name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, mode: 0o666)
    } catch {
      throw error.code == ELOOP ? foreign("is a link") : error
    }
    let text = try text(of: file)
    guard text.isEmpty || text.hasPrefix(mark) else { throw foreign("has contents of somebody else") }
    return file
  }

  /// The file's first line.
  private static func text(of file: borrowing FileDescriptor) throws(FileError) -> String {
    String(decoding: try file.firstBytes(200).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }
}

// Why there is no lock.
extension FolderLock {
  /// The lock is held by somebody else.
  public struct Held: UserError, Equatable, CustomStringConvertible {
    /// Reading or writing failed.
    public var failureKind: FailureKind { .io }

    /// Write elsewhere.
    public var remedy: Remedy? { .chooseOutput }

    /// The lock file.
    public let path: String
    /// What the holder wrote about itself.
    public let holder: String

    /// Who holds it, and what to do.
    public var description: String {
      let holder = self.holder.isEmpty ? "a process that is just starting" : foreign(self.holder)
      return "another job uses this run folder: \(path) is locked by \(holder). "
        + "Wait until it ends; if that host has failed, remove the file"
    }
  }

  /// The name is taken by something that no lock has made; it was not touched.
  public struct Foreign: UserError, Equatable, CustomStringConvertible {
    /// Reading or writing failed.
    public var failureKind: FailureKind { .io }

    /// Write elsewhere.
    public var remedy: Remedy? { .chooseOutput }

    /// What has the lock file's name.
    public let path: String
    /// What is wrong with it, as the rest of a sentence.
    public let what: String

    /// What is wrong, and what to do.
    public var description: String {
      "\(path) \(what), and no lock file of this program; it was left alone. Move it away"
    }
  }
}

extension FileDescriptor {
  fileprivate enum LockOutcome {
    case taken, held
    /// The file system has no locks, which is no reason not to train there.
    case unavailable
  }

  /// Locks the file for this open description, unless another one has it.
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

  fileprivate func write(text: String) throws(FileError) {
    let bytes = Array(text.utf8)
    var outcome = Result<Void, FileError>.success(())
    bytes.withUnsafeBytes { bytes in
      do throws(FileError) { try write(bytes) } catch { outcome = .failure(error) }
    }
    try outcome.get()
  }
}

/// F_OFD_SETLK of Linux: a lock that belongs to the open file, not to the process, which would lose it with any `close`.
private let openDescriptionLock: Int32 = 37
