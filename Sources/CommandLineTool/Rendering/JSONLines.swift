import FoundationEssentials
import Glibc
import Platform
import Training

/// What `--log-format json` prints: one JSON object a line on standard output, each written at once. Every object has `time` and
/// `event`; the last one is `end`, or `error` with the exit code.
final class JSONLines: Sendable {
  /// The lines of this process; nil where text is asked for. Written once, before any worker is started.
  nonisolated(unsafe) static var current: JSONLines?

  /// A field of an object.
  typealias Field = (name: String, value: (any Encodable)?)

  private let output = ProgressOutput(Console())

  /// Writes an object; fields without a value are left out.
  func write(_ event: String, _ fields: [Field]) throws { try output.write(try Self.line(event, fields)) }

  /// Tells a warning; there is nobody to tell if that fails.
  func warn(_ message: String) { try? write("warning", [("message", message), ("rank", Self.rank)]) }

  /// Tells how this process ends, as the last line.
  ///
  /// - Parameter atOnce: past whatever waits, for a process whose threads may hang.
  func fail(_ message: String, exitCode: Int32, atOnce: Bool = false) {
    let fields: [Field] = [("message", message), ("exit_code", exitCode), ("rank", Self.rank)]
    if atOnce {
      Ending.tell((try? Self.line("error", fields)) ?? "", to: STDOUT_FILENO)
    } else {
      try? write("error", fields)
      try? finish()
    }
  }

  /// Seconds that the last lines may take.
  private static let patience = 10

  /// Waits until everything is written, if somebody takes it.
  ///
  /// - Parameter tick: called ten times a second meanwhile.
  func finish(tick: () -> Void = {}) throws { try output.finish(within: Self.patience, tick: tick) }

  /// The rank, where another one than that which speaks for all has something to say.
  private static var rank: Int? { Launch.isRoot ? nil : Launch.environment?.rank }

  private static func line(_ event: String, _ fields: [Field]) throws -> String {
    let encoder = ExactJSON.encoder()
    let all: [Field] = [("time", time), ("event", event)] + fields
    let members = try all.compactMap { field in
      try field.value.map {
        "\"\(field.name)\":" + Self.harmless(String(decoding: try encoder.encode($0), as: UTF8.self))
      }
    }
    return "{" + members.joined(separator: ",") + "}\n"
  }

  /// The JSON with what could steer a terminal, or reorder its line, as `\u001B`.
  private static func harmless(_ json: String) -> String {
    var text = ""
    for scalar in json.unicodeScalars {
      if foreign(String(scalar)).unicodeScalars.count == 1 {
        text.unicodeScalars.append(scalar)
      } else {
        for unit in String(scalar).utf16 {
          let digits = String(unit, radix: 16, uppercase: true)
          text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
      }
    }
    return text
  }

  /// The time in UTC, with milliseconds: `2026-11-23T09:30:00.250Z`.
  private static var time: String {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    let milliseconds = String(now.tv_nsec / 1_000_000)
    return TimeOfDay.utc(now.tv_sec).dropLast() + "." + String(repeating: "0", count: 3 - milliseconds.count)
      + milliseconds + "Z"
  }
}
