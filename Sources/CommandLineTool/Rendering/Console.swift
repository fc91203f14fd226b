import Glibc
import Platform

/// Standard output: text that is written at once, and what is known about its terminal, if there is one.
struct Console: Sendable {
  /// Whether lines can be redrawn: somebody looks.
  let isTerminal: Bool

  /// Whether the terminal shows half blocks in colours: it does unless NO_COLOR asks for none (no-color.org), and if it shows
  /// more than ASCII.
  let hasColors: Bool

  /// Whether characters beyond ASCII are shown: not in a locale that names another character set than UTF-8, as C and POSIX do.
  let isUnicode: Bool

  private let terminal: Int32?

  /// This process's standard output.
  init() {
    terminal = Self.findTerminal()
    isTerminal = terminal != nil && Self.setting("TERM") != "dumb"
    isUnicode = Self.isUnicode
    hasColors = isTerminal && isUnicode && (getenv("NO_COLOR").map { $0.pointee == 0 } ?? true)
  }

  /// A variable of the environment that is neither missing nor empty.
  private static func setting(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// What the locale says. Where none is chosen, as in most containers, terminals show UTF-8.
  private static var isUnicode: Bool {
    guard let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap(setting).first else { return true }
    return locale.uppercased().replacing("-", with: "").contains("UTF8")
  }

  /// The terminal's width in columns, as it is now; 80 where it does not say.
  var columns: Int {
    var size = winsize()
    guard let terminal, ioctl(terminal, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// Writes text now.
  func write(_ text: String) throws(FileError) {
    var rest = Array((terminal == nil || isUnicode ? text : text.inASCII).utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw FileError("write", "standard output") }
      rest = rest.dropFirst(count)
    }
  }

  /// Writes a line now.
  func line(_ text: String = "") throws(FileError) {
    try write(text + "\n")
  }

  /// A descriptor of the terminal that shows standard output. Open MPI gives its ranks a terminal of their own even where
  /// mpirun's output goes to a file, so under a launcher it is the launcher's output that counts.
  private static func findTerminal() -> Int32? {
    guard isatty(STDOUT_FILENO) == 1 else { return nil }
    guard Launch.environment != nil else { return STDOUT_FILENO }
    let descriptor = open("/proc/\(getppid())/fd/\(STDOUT_FILENO)", O_WRONLY | O_NOCTTY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    guard isatty(descriptor) == 1 else {
      close(descriptor)
      return nil
    }
    return descriptor
  }
}
