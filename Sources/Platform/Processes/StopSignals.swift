import Glibc

/// The signals by which schedulers, systems and people stop a run; they raise a flag and nothing else. SIGTERM, SIGINT and
/// SIGUSR1; SIGHUP, which comes when a terminal is closed; SIGUSR2 and SIGXCPU, by which batch systems warn of a limit.
public enum StopSignals {
  /// The process's flag.
  private static let flag = StopFlag()

  private static let names: [Int32: String] = [
    SIGTERM: "SIGTERM", SIGINT: "SIGINT", SIGUSR1: "SIGUSR1", SIGUSR2: "SIGUSR2", SIGHUP: "SIGHUP", SIGXCPU: "SIGXCPU",
  ]

  /// Lets the signals raise the flag instead of ending the process. A second SIGINT ends it at once: someone waits. A SIGHUP
  /// that is ignored, as under nohup, stays so.
  public static func install() -> StopFlag {
    let flag = flag  // Made here, not in the handler, where nothing may be allocated.
    for (signal, _) in names where signal != SIGHUP || !isIgnored(signal) {
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { StopSignals.flag.raise($0) }
      action.sa_flags = SA_RESTART | (signal == SIGINT ? Int32(bitPattern: UInt32(SA_RESETHAND)) : 0)
      sigaction(signal, &action, nil)
    }
    return flag
  }

  private static func isIgnored(_ signal: Int32) -> Bool {
    var action = sigaction()
    guard sigaction(signal, nil, &action) == 0, let handler = action.__sigaction_handler.sa_handler else {
      return false
    }
    return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  /// The signal's name.
  public static func name(_ signal: Int32) -> String { names[signal] ?? "signal \(signal)" }
}
