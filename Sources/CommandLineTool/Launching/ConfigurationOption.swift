import FoundationEssentials
import NeuralNet
import Platform

/// An option of a file of options, as a word of the command line.
struct ConfigurationOption {
  /// The option's name, without dashes.
  let name: String
  /// Its value; nil for a flag.
  let text: String?
  /// The word: `--epochs=5`.
  let word: String

  /// A value of the file.
  enum Value: Decodable {
    case none, flag(Bool), text(String), group([String: Value]), list

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if value.decodeNil() {
        self = .none
      } else if let flag = try? value.decode(Bool.self) {
        self = .flag(flag)
      } else if let text = try? value.decode(String.self) {
        self = .text(text)
      } else if let whole = try? value.decode(UInt64.self) {
        self = .text("\(whole)")
      } else if let number = try? value.decode(Double.self) {
        self = .text(number.plain)
      } else if let group = try? value.decode([String: Value].self) {
        self = .group(group)
      } else {
        self = .list
      }
    }
  }

  /// How an option is given.
  private enum Kind { case value, flag, switchable }

  /// The options of `train` by their names without dashes.
  private static let kinds: [String: Kind] = {
    var kinds: [String: Kind] = [:]
    for line in Train.helpMessage(columns: 1000).split(separator: "\n") where line.hasPrefix("  -") {
      let usage = line.dropFirst(2).prefix { $0 != " " || line.hasPrefix("  -h") }
      let rest = line.dropFirst(2 + usage.count)
      for name in usage.split(separator: "/").map({ String($0.drop { $0 == "-" }) }) {
        kinds[name] = rest.hasPrefix(" <") ? .value : usage.contains("/") ? .switchable : .flag
      }
    }
    for name in ["config", "help", "version"] { kinds[name] = nil }
    return kinds
  }()

  /// The options that a member of the file stands for, of which `augment` may have several.
  ///
  /// - Parameter path: the file, which stands for itself where a network or class weights lie in it.
  static func options(_ key: String, _ value: Value, _ path: String) throws -> [ConfigurationOption] {
    let name = key.lowercased().replacing("_", with: "-")
    guard let kind = kinds[name] else {
      let near = Suggestion.option(like: name[...], of: Train.self).map { String($0.dropFirst(2)) }
      let meant = near.map { ". Did you mean '\(key.contains("_") ? $0.replacing("-", with: "_") : $0)'?" } ?? ""
      throw Failure(.usage, "\(foreign(path)): unknown option '\(foreign(key, limit: 64))'\(meant)")
    }
    func refuse(_ what: String) -> Failure {
      Failure(.usage, "\(foreign(path)): '\(foreign(key, limit: 64))' is \(what)")
    }
    switch (kind, value) {
    case (_, .none): return []
    case (.switchable, .group(let ranges)) where name == "augment":
      return try [ConfigurationOption(name, flag: true)]
        + ranges.sorted { $0.key < $1.key }.flatMap { try options("augment_" + $0.key, $0.value, path) }
    case (.value, .group) where name == "network" || name == "class-weight":
      return [ConfigurationOption(name, path)]
    case (.value, .text(let text)):
      guard !text.isEmpty else { throw refuse("empty") }
      return [ConfigurationOption(name, text)]
    case (.switchable, .flag(let flag)): return [ConfigurationOption(name, flag: flag)]
    case (.flag, .flag(let flag)): return flag ? [ConfigurationOption(name, flag: true)] : []
    case (.value, .flag): throw refuse("true or false; it must be a number or a text")
    case (_, .text): throw refuse("a number or a text; it must be true or false")
    case (_, .group), (_, .list): throw refuse("a list or an object; it must be one value")
    }
  }

  private init(_ name: String, _ text: String) {
    (self.name, self.text, word) = (name, text, "--\(name)=\(text)")
  }

  private init(_ name: String, flag: Bool) {
    (self.name, text, word) = (name, nil, flag ? "--\(name)" : "--no-\(name)")
  }
}

/// A network and class weights that lie in a file of options, or in run.json.
struct EmbeddedParts: Decodable {
  private struct Parts: Decodable {
    let network: ConfigurationValue?
    let class_weight: [String: Double]?
  }

  /// The network's description, and the factors of the classes; nil where the file has none.
  let network: ConfigurationValue?
  let classWeight: [String: Double]?

  private enum Key: CodingKey { case configuration }

  init(from decoder: any Decoder) throws {
    let parts = try Parts(from: decoder)
    let run = try decoder.container(keyedBy: Key.self).decodeIfPresent(Parts.self, forKey: .configuration)
    network = parts.network ?? run?.network
    classWeight = parts.class_weight ?? run?.class_weight
  }

  /// The parts in the bytes of a file; nil if it is of another kind.
  static func found(in bytes: [UInt8]) -> EmbeddedParts? {
    try? ExactJSON.decoder().decode(EmbeddedParts.self, from: Data(bytes))
  }
}
