import Glibc
import Platform

/// A disk of its own for a run, in memory, so small that it can be filled. Only root may make one.
struct SmallDisk: Sendable {
  private static let bytes = 32 << 20
  private let path: String
  private var ballast: String { path + "/ballast" }

  /// Mounts the disk at a folder that is there.
  init(at path: String) throws(FileError) {
    guard mount("fingerspell-chaos", path, "tmpfs", 0, "size=\(Self.bytes)") == 0 else {
      throw FileError("mount a disk in memory at", path)
    }
    self.path = path
  }

  /// Takes it away, with all that is on it.
  func unmount() { umount2(path, Int32(MNT_DETACH)) }

  /// Whether this process may mount one, tried out at a folder that is there.
  static func isPossible(at path: String) -> Bool {
    guard let disk = try? SmallDisk(at: path) else { return false }
    disk.unmount()
    return true
  }

  /// Takes all but this many bytes. What others free meanwhile is taken by the next call.
  func fill(leaving rest: Int) {
    var space = statvfs()
    guard statvfs(path, &space) == 0 else { return }
    let surplus = Int(space.f_bavail) * Int(space.f_frsize) - rest
    let file = open(ballast, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { return }
    defer { close(file) }
    if surplus > 0 { posix_fallocate(file, lseek(file, 0, SEEK_END), surplus) }
  }

  /// Gives back what was taken.
  func release() { unlink(ballast) }
}
