import Glibc

/// The time of day as text.
enum TimeOfDay {
  /// Local time as a folder's name: `2026-11-23T09-30-00`.
  static func folderName(_ time: time_t) -> String {
    var (time, parts) = (time, tm())
    localtime_r(&time, &parts)
    return text("%Y-%m-%dT%H-%M-%S", parts)
  }

  /// UTC as ISO 8601 has it: `2026-11-23T09:30:00Z`.
  static func utc(_ time: time_t) -> String {
    var (time, parts) = (time, tm())
    gmtime_r(&time, &parts)
    return text("%Y-%m-%dT%H:%M:%SZ", parts)
  }

  private static func text(_ format: String, _ parts: tm) -> String {
    var parts = parts
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { buffer in
      let count = strftime(buffer.baseAddress!, buffer.count, format, &parts)
      return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }
}
