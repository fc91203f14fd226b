import ArgumentParser
import Kernels
import MPICommunication
import Platform
import Training

/// What the ranks of a job must have been given alike.
///
/// The options are read off the parsed command itself, so that none can be forgotten: what is not listed below as one
/// worker's own matter must agree. Spellings do not count (`--epochs 5`, `--epochs=5`), nor does the order.
enum AgreedOptions {
  /// Options of which every rank may have its own: where files lie (their contents are compared, by those who read them), and
  /// what only rank 0 writes or says.
  private static let own: Set<String> = [
    "data", "trainCSV", "testCSV", "inputs", "cache", "folder", "output", "json", "gallery", "quiet", "logLevel",
    "count",
  ]

  /// Properties whose options have other names.
  private static let names = [
    "randomRows": "random", "rows": "row", "maxRestarts": "max-restarts", "trainRows": "train-rows",
    "path": "the model",
  ]

  /// All that must be alike for a command: the command, its options, and the program.
  static func values(_ command: any ParsableCommand) throws -> [AgreedValue] {
    // A request for help is a command of ArgumentParser's own, whatever it asks about.
    if type(of: command)._commandName == "help" { return try words() }
    let effective = command as? any EffectiveOptions
    let given =
      options(of: command, without: effective?.inEffect ?? []) + [
        AgreedValue("data", namesData(command) ? "named" : "not named")
      ]
      + (try effective?.values ?? [])
    return [AgreedValue("command", commandName)] + given.sorted { $0.name < $1.name } + (try program)
  }

  /// Whether data were named, by whichever option: else they are looked for, which ranks do together.
  private static func namesData(_ group: Any) -> Bool {
    Mirror(reflecting: group).children.contains { child in
      guard let label = child.label?.drop(while: { $0 == "_" }), let wrapper = child.value as? any ParsedValue else {
        return false
      }
      if wrapper.isGroup { return namesData(wrapper.parsed) }
      return ["data", "trainCSV", "testCSV", "inputs"].contains(label)
        && !["not given", "[]"].contains(text(wrapper.parsed))
    }
  }

  /// What must be alike where the command line asks for the version or for help: the words.
  static func words() throws -> [AgreedValue] {
    [AgreedValue("command", CommandLine.arguments.dropFirst().joined(separator: " "))] + (try program)
  }

  /// The words of the command line that name the command: `data inspect`.
  private static var commandName: String {
    var (names, commands) = ([String](), Fingerspell.configuration.subcommands)
    for word in CommandLine.arguments.dropFirst() {
      guard let next = commands.first(where: { $0._commandName == word }) else { break }
      names.append(word)
      commands = next.configuration.subcommands
    }
    return names.isEmpty ? "none" : names.joined(separator: " ")
  }

  /// The build: other code may add up in another order.
  private static var program: [AgreedValue] {
    get throws {
      [
        AgreedValue("version", ProgramVersion.text), AgreedValue("vector lanes", "\(laneCount)"),
        AgreedValue("MPI library", try MPI.libraryVersion),
        AgreedValue("program (SHA-256)", try SHA256Digest(ofFile: "/proc/self/exe").description),
      ]
    }
  }

  /// The options of a command or a group of options, by their names.
  private static func options(of group: Any, without skipped: Set<String>) -> [AgreedValue] {
    Mirror(reflecting: group).children.flatMap { child -> [AgreedValue] in
      guard let label = child.label?.drop(while: { $0 == "_" }).description, !skipped.contains(label),
        let wrapper = child.value as? any ParsedValue
      else { return [] }
      if wrapper.isGroup { return options(of: wrapper.parsed, without: []) }
      guard !own.contains(label) else { return [] }
      let name = names[label].map { $0.contains(" ") ? $0 : "--" + $0 } ?? "--" + OptionNames.kebab(label)
      return [AgreedValue(name, text(wrapper.parsed))]
    }
  }

  private static func text(_ value: Any) -> String {
    let mirror = Mirror(reflecting: value)
    guard mirror.displayStyle == .optional else { return "\(value)" }
    return mirror.children.first.map { "\($0.value)" } ?? "not given"
  }
}

/// A command that knows what some of its options come to: those are compared by what is in effect, not by what was typed.
protocol EffectiveOptions {
  /// The groups of options that `values` stands for.
  var inEffect: Set<String> { get }
  /// What they come to.
  var values: [AgreedValue] { get throws }
}

/// What ArgumentParser's property wrappers hold when they have been parsed.
private protocol ParsedValue {
  var parsed: Any { get }
  var isGroup: Bool { get }
}

extension Option: ParsedValue {
  fileprivate var parsed: Any { wrappedValue }
  fileprivate var isGroup: Bool { false }
}

extension Flag: ParsedValue {
  fileprivate var parsed: Any { wrappedValue }
  fileprivate var isGroup: Bool { false }
}

extension Argument: ParsedValue {
  fileprivate var parsed: Any { wrappedValue }
  fileprivate var isGroup: Bool { false }
}

extension OptionGroup: ParsedValue {
  fileprivate var parsed: Any { wrappedValue }
  fileprivate var isGroup: Bool { true }
}
