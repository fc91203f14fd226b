import Glibc

/// How long ago this process was started.
public enum ProcessAge {
  /// In seconds; the system notes the start to a hundredth. Nil if it does not say.
  public static var seconds: Double? {
    guard let ticks = ProcessStatus.own?.startTime else { return nil }
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    let now = Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    return max(0, now - Double(ticks) / Double(sysconf(Int32(_SC_CLK_TCK))))
  }
}
