import Glibc

/// The machine that this process runs on.
public enum Host {
  /// The host name from `gethostname`.
  public static var name: String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
      buffer.initialize(repeating: 0)
      return gethostname(buffer.baseAddress!, buffer.count - 1) == 0
        ? String(cString: buffer.baseAddress!) : "localhost"
    }
  }

  /// The bytes of memory that this machine has.
  public static var memory: Int { sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)) }
}
