import Glibc

/// The descriptors 0, 1 and 2: standard input, output and error.
public enum StandardDescriptors {
  /// Opens /dev/null for those that were closed when the program started (`>&-`).
  ///
  /// Otherwise the next files to be opened would get these numbers, and messages to the user would be written into them.
  /// Call this before opening any file.
  public static func ensureOpen() {
    // `open` takes the lowest free number, which is this one.
    for number in STDIN_FILENO...STDERR_FILENO where fcntl(number, F_GETFD) < 0 {
      if open("/dev/null", O_RDWR) < 0 { _ = open("/", O_RDONLY) }
    }
  }
}
