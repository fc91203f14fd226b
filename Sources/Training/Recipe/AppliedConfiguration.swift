import FoundationEssentials
import NeuralNet
import Platform
import Transforms

/// A configuration as run.json has it: without the values that have no part in the run.
///
/// Where such a value is missing, it is the default; files that have them all are read too.
package struct AppliedConfiguration: Codable, Sendable {
  /// The configuration.
  package var configuration: TrainingConfiguration

  /// A configuration to be written.
  package init(_ configuration: TrainingConfiguration) { self.configuration = configuration }

  private struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// The fields that are more than a number or a word.
  private static let (network, classWeight, augment) = ("network", "classWeight", "augment")

  /// Reads the object.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Name.self)
    let groups = [Self.network, Self.classWeight, Self.augment]
    var values = try Self.values(of: TrainingConfiguration())
    // What is never without a value may be left out; the others are then nil.
    values = values.filter { Self.isAlwaysThere($0.key) }
    for key in container.allKeys where !groups.contains(key.stringValue) {
      values[key.stringValue] = try container.decode(Value.self, forKey: key)
    }
    configuration = try ExactJSON.decoder().decode(TrainingConfiguration.self, from: ExactJSON.encoder().encode(values))
    configuration.network = try container.decodeIfPresent(Architecture.self, forKey: Name(stringValue: Self.network))
    configuration.classWeight = try container.decodeIfPresent(
      ClassWeight.self, forKey: Name(stringValue: Self.classWeight))
    configuration.augment = try container.decodeIfPresent(
      AugmentationRanges.self, forKey: Name(stringValue: Self.augment))
  }

  /// Writes the object.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Name.self)
    for (name, value) in try Self.values(of: configuration) where configuration.uses(name) {
      try container.encode(value, forKey: Name(stringValue: name))
    }
    try container.encodeIfPresent(configuration.network, forKey: Name(stringValue: Self.network))
    try container.encodeIfPresent(configuration.classWeight, forKey: Name(stringValue: Self.classWeight))
    try container.encodeIfPresent(configuration.augment, forKey: Name(stringValue: Self.augment))
  }

  /// Whether a configuration may leave a field out: only what another choice puts out of effect.
  private static func isAlwaysThere(_ name: String) -> Bool {
    var other = TrainingConfiguration()
    other.patience = nil
    other.keep = .last
    return !other.uses(name) || name == "dropout" || name == "recurrentDropout"
  }

  /// The numbers and words of a configuration, by the names of its fields.
  private static func values(of configuration: TrainingConfiguration) throws -> [String: Value] {
    var plain = configuration
    (plain.network, plain.classWeight, plain.augment) = (nil, nil, nil)
    return try ExactJSON.decoder().decode([String: Value].self, from: ExactJSON.encoder().encode(plain))
  }

  /// A number or a word of JSON, of which no digit is lost.
  private enum Value: Codable {
    case flag(Bool), whole(UInt64), number(Double), text(String)

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if let flag = try? value.decode(Bool.self) {
        self = .flag(flag)
      } else if let whole = try? value.decode(UInt64.self) {
        self = .whole(whole)
      } else if let number = try? value.decode(Double.self) {
        self = .number(number)
      } else {
        self = .text(try value.decode(String.self))
      }
    }

    func encode(to encoder: any Encoder) throws {
      var value = encoder.singleValueContainer()
      switch self {
      case .flag(let flag): try value.encode(flag)
      case .whole(let whole): try value.encode(whole)
      case .number(let number): try value.encode(number)
      case .text(let text): try value.encode(text)
      }
    }
  }

  /// `batchSize` as run.json has it: `batch_size`.
  package static func snakeCase(_ name: String) -> String {
    name.map { $0.isUppercase ? "_" + $0.lowercased() : String($0) }.joined()
  }
}
