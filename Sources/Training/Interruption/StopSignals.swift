import Glibc

/// The signals by which schedulers and people stop a run: SIGTERM, SIGINT and SIGUSR1 raise a flag and nothing else.
public enum StopSignals {
  /// The process's flag.
  private static let flag = StopFlag()

  private static let names: [Int32: String] = [SIGTERM: "SIGTERM", SIGINT: "SIGINT", SIGUSR1: "SIGUSR1"]

  /// Lets the signals raise the flag instead of ending the process. A second SIGINT ends it at once: someone waits.
  public static func install() -> StopFlag {
    let flag = flag  // Made here, not in the handler, where nothing may be allocated.
    for (signal, _) in names {
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { StopSignals.flag.raise($0) }
      action.sa_flags = SA_RESTART | (signal == SIGINT ? Int32(bitPattern: UInt32(SA_RESETHAND)) : 0)
      sigaction(signal, &action, nil)
    }
    return flag
  }

  /// The signal's name.
  public static func name(_ signal: Int32) -> String { names[signal] ?? "signal \(signal)" }
}
