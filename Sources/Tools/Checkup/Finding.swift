/// One result of the checkup: what was looked at, what was found, and what to do about it.
public struct Finding: Equatable, Sendable {
  /// How bad it is.
  public enum Level: String, Sendable {
    /// As it should be.
    case ok
    /// Training works, but slower than it could or not as the user may think.
    case warning
    /// Training fails, or wastes most of the machine, or the ranks train on different things.
    case problem
  }

  /// What was looked at.
  public enum Subject: String, Sendable {
    /// How the processes were started, and whether they found each other.
    case launch
    /// The program that each rank runs, and the library under it.
    case program
    /// Cores, and who may use which.
    case cores
    /// Memory that the ranks of a host share.
    case memory
    /// The data set.
    case data
    /// What the ranks were told: options and environment.
    case settings
  }

  /// How bad it is.
  public var level: Level
  /// What was looked at.
  public var subject: Subject
  /// What was found.
  public var text: String
  /// What to do about it; nil where nothing is to be done.
  public var fix: String?

  /// A finding.
  public init(_ level: Level, _ subject: Subject, _ text: String, fix: String? = nil) {
    self.level = level
    self.subject = subject
    self.text = text
    self.fix = fix
  }

  /// The finding as a user reads it, with further lines and the fix below the first one's text.
  public var report: String {
    func cell(_ text: String) -> String { text + String(repeating: " ", count: max(1, 10 - text.count)) }
    let lines = text.split(whereSeparator: \.isNewline).joined(separator: "\n" + cell("") + cell(""))
    let line = cell(level.rawValue) + cell(subject.rawValue) + lines
    return fix.map { line + "\n" + cell("") + cell("fix:") + $0 } ?? line
  }
}
