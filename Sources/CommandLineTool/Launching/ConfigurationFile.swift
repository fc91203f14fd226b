import FoundationEssentials
import NeuralNet
import Platform
import Runs

/// The options that `--config` takes from a file: those of an earlier run, by its run.json, or of a JSON object with options by
/// their names. They become words of the command line, before those that were given, which override them.
struct ConfigurationFile {
  /// The file that this process has read; nil where none was named. Written once, before any worker is started.
  nonisolated(unsafe) private(set) static var current: ConfigurationFile?

  /// The most bytes of a file, which may have a network's description in it.
  private static let sizeLimit = 1 << 25
  private static let option = "config"

  /// The file.
  let path: String
  /// What it says about the run that it is of; nil where it has nothing but options.
  let run: RunDescription?
  /// Whether the command takes the data of that run.
  private var sharesData = true
  /// Its options, in the order of their names.
  private(set) var options: [ConfigurationOption]

  /// The words of a command line without the program, with the options of the file that `--config` names.
  static func expanded(_ words: [String]) throws -> [String] {
    let given = GivenOptions(words.prefix { $0 != "--" })
    guard words.first == Train._commandName, let path = given.value(of: option) else { return words }
    var file = try ConfigurationFile(path: path)
    try file.override(by: given)
    current = file
    return [words[0]] + file.options.map(\.word) + words.dropFirst()
  }

  private init(path: String) throws {
    self.path = path
    let size = try OpenFile.reading(path).size()
    guard size <= Self.sizeLimit else {
      throw Failure(.data, "\(foreign(path)) has \(size) bytes; a file of options has at most \(Self.sizeLimit)")
    }
    let bytes = try FileBytes.read(path)
    guard let members = Self.members(bytes) else {
      throw Failure(
        .data,
        #"\#(foreign(path)) is no file of options: it must be a run's run.json or a JSON object, e.g. {"epochs": 5}"#)
    }
    guard members["configuration"] != nil else {
      run = nil
      options = try members.sorted { $0.key < $1.key }.flatMap {
        try ConfigurationOption.options($0.key, $0.value, path)
      }
      return
    }
    // Written again, a run.json has only what has a part in its run.
    guard let run = try? RunDescription(encoded: bytes), let own = Self.members(try run.encoded()) else {
      throw Failure(.data, "\(foreign(path)) is no whole run.json of this program")
    }
    self.run = run
    options = try Self.options(of: own, path)
  }

  private static func members(_ bytes: [UInt8]) -> [String: ConfigurationOption.Value]? {
    try? ExactJSON.decoder().decode([String: ConfigurationOption.Value].self, from: Data(bytes))
  }

  /// The options of a run.json: where it does not say a thing, the run did without.
  private static func options(
    of members: [String: ConfigurationOption.Value], _ path: String
  ) throws -> [ConfigurationOption] {
    var all: [String: ConfigurationOption.Value] = ["patience": .text("none"), "augment": .flag(false)]
    for group in ["configuration", "options", "images"] {
      guard case .group(let values) = members[group] else { continue }
      all.merge(values) { $1 }
    }
    // A list that the data give, or the file that `options` names.
    if case .list = all["class_names"] { all["class_names"] = nil }
    for name in ["recipe", "initial_weights"] { all[name] = members[name] }
    if case .group(let values) = members["options"] { all["class_names"] = values["class_names"] }
    return try all.sorted { $0.key < $1.key }.flatMap { try ConfigurationOption.options($0.key, $0.value, path) }
  }

  /// Leaves out what the given options replace, or put out of effect.
  private mutating func override(by given: GivenOptions) throws {
    if run != nil, let recipe = given.value(of: "recipe"), recipe != value(of: "recipe") {
      throw Failure(
        .usage,
        "--recipe gives default values, and \(foreign(path)) is of a whole run, which leaves none open; leave one of them out"
      )
    }
    var dropped = Set(options.map(\.name).filter(given.has))
    func drop(_ names: [String], if condition: Bool) { if condition { dropped.formUnion(names) } }
    let namesData = given.has("data") || given.has("train-csv")
    drop(["data", "train-csv", "test-csv"], if: namesData)
    sharesData = !["data", "train-csv", "test-csv", "validation-split", "cache"].contains(where: given.has)
    drop(["data"], if: given.has("test-csv"))
    drop(["validation-split"], if: given.has("test-csv"))
    drop(["test-csv"], if: given.has("validation-split"))
    drop(["dropout", "recurrent-dropout", "no-dropout"], if: given.has("network") || given.has("no-dropout"))
    drop(["no-dropout"], if: given.has("dropout") || given.has("recurrent-dropout"))
    let own = self
    let isOther = { (name: String) in given.value(of: name).map { $0 != own.value(of: name) } ?? false }
    drop(
      ["momentum", "nesterov", "rho", "centered", "beta1", "beta2", "epsilon", "learning-rate", "weight-decay"],
      if: isOther("optimizer"))
    drop(options.map(\.name).filter { $0.hasPrefix("step-") || $0.hasPrefix("plateau-") }, if: isOther("schedule"))
    drop(options.map(\.name).filter { $0.hasPrefix("augment-") }, if: given.switches("augment") == false)
    let effective = { (name: String) in given.value(of: name) ?? own.value(of: name) }
    if effective("patience") == "none", effective("keep") == "last" {
      drop(["min-delta"], if: true)
      drop(["monitor"], if: effective("schedule") != "plateau")
    }
    options.removeAll { dropped.contains($0.name) }
  }

  private func value(of name: String) -> String? { options.first { $0.name == name }?.text }

  /// Why a run is not the one that the file is of, whatever its options say.
  func differences(from here: Run) -> [String] {
    guard let run else { return [] }
    var differences: [String] = []
    if run.numericsRevision != here.description.numericsRevision {
      differences.append(
        "\(foreign(path)) is of a run with the numerics revision \(run.numericsRevision), and this program has "
          + "\(here.description.numericsRevision): the bits differ")
    }
    let data = [
      ("training", run.trainingData, here.description.trainingData),
      ("validation", run.validationData, here.description.validationData),
    ]
    for case (let part, let before?, let now?) in data where sharesData && before.content != now.content {
      differences.append(
        "the \(part) data are others than those of \(foreign(path)): \(foreign(now.source)) is \(now.content), and it "
          + "had \(before.content)")
    }
    return differences
  }

  /// A message of a wrong value, which says so where the value is of the file.
  func explained(_ message: String) -> String {
    var lines = message.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let words = (lines.first ?? "").split { !$0.isLetter && !$0.isNumber && $0 != "-" }
    if let option = options.first(where: { words.contains("--" + $0.name) }), !message.contains("nknown option") {
      lines.insert("\(option.word) is of \(foreign(path)).", at: 1)
    }
    return lines.joined(separator: "\n")
  }
}

/// The options that are on a command line, by their names without dashes.
struct GivenOptions {
  private var values: [String: String?] = [:]

  init(_ words: some Collection<String>) {
    var iterator = Array(words)[...]
    while let word = iterator.popFirst() {
      guard word.hasPrefix("--") else { continue }
      let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1).map(String.init)
      guard let name = parts.first else { continue }
      let next = iterator.first.flatMap { $0.hasPrefix("--") ? nil : $0 }
      values[name] = .some(parts.count > 1 ? parts[1] : next)
    }
  }

  /// Whether an option was given, or the flag that turns it on or off.
  func has(_ name: String) -> Bool { values[name] != nil || values["no-" + name] != nil && name != "dropout" }

  /// The value of an option; nil where it was not given.
  func value(of name: String) -> String? { values[name] ?? nil }

  /// Whether a flag was turned on or off; nil where it was not given.
  func switches(_ name: String) -> Bool? {
    values["no-" + name] != nil ? false : values[name] != nil ? true : nil
  }
}
