import Glibc

/// A file in memory, for readers that want a path.
struct MemoryFile: Sendable {
  private let descriptor: CInt

  /// The one file that all inputs are put into, one after another.
  static let shared = MemoryFile()

  private init() {
    let name = "/fingerspell-fuzzing-\(getpid())"
    descriptor = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0o600)
    shm_unlink(name)
    require(descriptor >= 0, "no file in memory can be made: error \(errno)")
  }

  /// The path by which this process can open it.
  var path: String { "/proc/self/fd/\(descriptor)" }

  /// Replaces the contents.
  func put(_ bytes: [UInt8]) {
    require(ftruncate(descriptor, 0) == 0, "cannot empty the file in memory")
    let written = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    require(written == bytes.count, "cannot write the file in memory")
  }
}
