/// A value of a Keras configuration: JSON.
public enum ConfigurationValue: Hashable, Sendable, Codable, CustomStringConvertible {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([ConfigurationValue])
  case object([String: ConfigurationValue])

  /// Reads any JSON value.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    // The most frequent first: each attempt that fails costs an error.
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode(Int.self) {
      self = .integer(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let values = try? container.decode([ConfigurationValue].self) {
      self = .array(values)
    } else {
      self = .object(try container.decode([String: ConfigurationValue].self))
    }
  }

  /// Writes the value as JSON.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .array(let values): try container.encode(values)
    case .object(let values): try container.encode(values)
    }
  }

  /// The value as Python prints it, shortened where it is long.
  public var description: String {
    switch self {
    case .null: "None"
    case .bool(let value): value ? "True" : "False"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .string(let value): "'\(value.prefix(60))'"
    case .array(let values):
      "[" + values.prefix(8).map(\.description).joined(separator: ", ") + (values.count > 8 ? ", ...]" : "]")
    case .object(let values): values["class_name"].map(\.description) ?? "{...}"
    }
  }

  /// An object of one of Keras' classes; without its module, Keras would not find the class.
  package static func keras(
    _ className: String, of module: String, _ configuration: [String: ConfigurationValue]
  ) -> ConfigurationValue {
    .object([
      "module": .string(module), "class_name": .string(className), "config": .object(configuration),
      "registered_name": .null,
    ])
  }

  /// The members of an object; nil for anything else.
  package var members: [String: ConfigurationValue]? { if case .object(let members) = self { members } else { nil } }

  /// The text; nil for anything else.
  package var text: String? { if case .string(let text) = self { text } else { nil } }

  /// The elements; nil for anything else.
  package var elements: [ConfigurationValue]? { if case .array(let elements) = self { elements } else { nil } }

  /// The whole number, also one that is written `3.0`; nil for anything else.
  package var whole: Int? {
    switch self {
    case .integer(let value): value
    case .number(let value): Int(exactly: value)
    default: nil
    }
  }

  /// The number; nil for anything else.
  package var real: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }
}
