import Glibc

/// How long ago this process was started.
public enum ProcessAge {
  /// In seconds; the system notes the start to a hundredth. Nil if it does not say.
  public static var seconds: Double? {
    guard let ticks = startTicks else { return nil }
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    let now = Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    return max(0, now - Double(ticks) / Double(sysconf(Int32(_SC_CLK_TCK))))
  }

  /// Field 22 of /proc/self/stat. The second field, the program's name in parentheses, may hold anything.
  private static var startTicks: Int? {
    guard let file = fopen("/proc/self/stat", "r") else { return nil }
    defer { fclose(file) }
    var line: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(line) }
    guard getline(&line, &capacity, file) > 0, let text = line.map({ String(cString: $0) }) else { return nil }
    return startTicks(inStat: text)
  }

  /// The start in clock ticks since the machine's, from a line of /proc/<pid>/stat.
  package static func startTicks(inStat line: String) -> Int? {
    guard let name = line.lastIndex(of: ")") else { return nil }
    let fields = line[line.index(after: name)...].split(separator: " ")
    return fields.count > 19 ? Int(fields[19]) : nil
  }
}
