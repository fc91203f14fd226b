import Glibc

/// The time since this process started.
public enum ProcessAge {
  /// In seconds, to a hundredth, the resolution of the kernel's start time; nil if unknown.
  public static var seconds: Double? {
    guard let ticks = ProcessStatus.own?.startTime else { return nil }
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    let now = Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    return max(0, now - Double(ticks) / Double(sysconf(Int32(_SC_CLK_TCK))))
  }
}
