import Logging

/// The log on standard error: `fingerspell: warning: the message (key=value)`; with `--log-format json` it is among the other
/// objects.
struct LogLines: LogHandler {
  var logLevel: Logger.Level
  var metadata: Logger.Metadata = [:]

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let all = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
    if let lines = JSONLines.current {
      let metadata = Dictionary(uniqueKeysWithValues: all.map { ($0.key, "\($0.value)") })
      let kind = event.level == .warning ? "warning" : "log"
      try? lines.write(
        kind,
        [
          ("level", "\(event.level)"), ("message", "\(event.message)"), ("metadata", metadata.isEmpty ? nil : metadata),
        ])
      return
    }
    let details = all.isEmpty ? "" : " (\(all.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")))"
    Ending.complain("\(event.level): \(event.message)\(details)")
  }

  /// Sends all logs of this process to standard error; those of rank 0 alone, which speaks for all.
  static func start(level: Logger.Level) {
    LoggingSystem.bootstrap { _ in
      guard Launch.isRoot else { return SwiftLogNoOpLogHandler() }
      return LogLines(logLevel: level)
    }
  }
}
