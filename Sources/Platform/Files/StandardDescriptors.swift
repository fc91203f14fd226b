import Glibc

/// The descriptors 0, 1 and 2, which are standard input, output and error to everyone.
public enum StandardDescriptors {
  /// Opens those that were closed when the program was started (`>&-`) on /dev/null.
  ///
  /// Otherwise the next files to be opened would get their numbers, and what is said to the user would be written into them.
  /// To be called before anything is opened.
  public static func ensureOpen() {
    // The lowest free number is taken: that of the descriptor in question.
    for number in STDIN_FILENO...STDERR_FILENO where fcntl(number, F_GETFD) < 0 {
      if open("/dev/null", O_RDWR) < 0 { _ = open("/", O_RDONLY) }
    }
  }
}
