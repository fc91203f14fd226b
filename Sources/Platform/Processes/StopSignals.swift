import Glibc

/// The signals with which schedulers, systems and users stop a run; their handler only raises a flag. SIGTERM, SIGINT and
/// SIGUSR1; SIGHUP, sent when a terminal closes; SIGUSR2 and SIGXCPU, with which batch systems announce a limit.
public enum StopSignals {
  /// The process's flag.
  private static let flag = StopFlag()

  private static let names: [Int32: String] = [
    SIGTERM: "SIGTERM", SIGINT: "SIGINT", SIGUSR1: "SIGUSR1", SIGUSR2: "SIGUSR2", SIGHUP: "SIGHUP", SIGXCPU: "SIGXCPU",
  ]

  /// Makes the signals raise the flag instead of ending the process. A second SIGINT ends it at once. A SIGHUP that is
  /// ignored, as under nohup, stays ignored.
  public static func install() -> StopFlag {
    let flag = flag  // Initialised here, not in the handler, which must not allocate.
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
