import Glibc

/// A lock file that keeps a second process out of a folder while this value lives.
///
/// The lock itself is the system's record lock on the open file: it ends with its process however that ends, so that no
/// stale one ever has to be judged, and it holds over NFS too. What is written in the file only tells others who holds it.
public struct FolderLock: ~Copyable {
  private let file: FileDescriptor
  private let path: String

  /// The lock is held by somebody else.
  public struct Held: Error, Equatable, CustomStringConvertible {
    /// The lock file.
    public let path: String
    /// What the holder wrote about itself.
    public let holder: String

    /// Who holds it, and what to do.
    public var description: String {
      "another job uses this run folder: \(path) is locked by \(holder.isEmpty ? "a process that is just starting" : holder). "
        + "Wait until it ends, or choose another --output; if that host has failed, remove the file"
    }
  }

  /// Takes the lock, and waits a little for a holder that is about to end.
  ///
  /// - Parameters:
  ///   - path: the lock file; made if it is not there.
  ///   - holder: what to write about this process.
  ///   - patience: how long to wait, in seconds.
  public init(_ path: String, holder: String, patience: Double) throws {
    var attempts = Int(patience / 0.05)
    while true {
      let file = try FileDescriptor(path, O_RDWR | O_CREAT, mode: 0o666)
      if try file.lock() {
        // The last holder may have removed the file after it was opened here: then it locks nobody out.
        guard file.isStill(at: path) else { continue }
        try file.truncate()
        let text = Array("\(holder)\n".utf8)
        var outcome = Result<Void, FileError>.success(())
        text.withUnsafeBytes { bytes in
          do throws(FileError) { try file.write(bytes) } catch { outcome = .failure(error) }
        }
        try outcome.get()
        self.file = file
        self.path = path
        return
      }
      guard attempts > 0 else { throw Held(path: path, holder: Self.text(of: path)) }
      attempts -= 1
      usleep(50_000)
    }
  }

  // Removed while it is held, so that nobody else's is.
  deinit { unlink(path) }

  private static func text(of path: String) -> String {
    let bytes = (try? FileBytes.read(path)) ?? []
    return String(decoding: bytes.prefix(200).prefix { $0 >= 0x20 }, as: UTF8.self)
  }
}

extension FileDescriptor {
  /// Locks the file for this open description; false if another one has it. A file system without locks gives none to
  /// anybody, which is no reason not to train there.
  fileprivate func lock() throws(FileError) -> Bool {
    var request = flock()
    request.l_type = Int16(F_WRLCK)
    request.l_whence = Int16(SEEK_SET)
    while true {
      if control(openDescriptionLock, &request) == 0 { return true }
      switch errno {
      case EINTR: continue
      case EAGAIN, EACCES: return false
      case ENOLCK, EOPNOTSUPP, ENOSYS, EINVAL: return true
      default: throw failure("lock")
      }
    }
  }
}

/// F_OFD_SETLK of Linux: a lock that belongs to the open file, not to the process, which would lose it with any `close`.
private let openDescriptionLock: Int32 = 37
