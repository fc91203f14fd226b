import FoundationEssentials
import NeuralNet
import Platform

extension TrainingConfiguration {
  /// Every field with its value as text, by its name: `batchSize`, `augment.noise`. Fields without a value are left out; a network of the user's is known by its digest.
  package var fields: [String: String] {
    get throws {
      var others = self
      others.network = nil
      let json = try ExactJSON.encoder().encode(others)
      let values = try ExactJSON.decoder().decode([String: FieldValue].self, from: json)
      var fields: [String: String] = [:]
      if let network {
        let description = try ExactJSON.encoder().encode(network)
        fields["network"] = "\(network.name), description of SHA-256 \(SHA256Digest(of: Array(description)))"
      }
      for (name, value) in values { value.collect(as: name, into: &fields) }
      return fields
    }
  }
}

/// A field's value in JSON, as text: numbers keep their kind.
private enum FieldValue: Decodable {
  case text(String)
  case group([String: FieldValue])

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if let flag = try? value.decode(Bool.self) {
      self = .text("\(flag)")
    } else if let number = try? value.decode(UInt64.self) {
      self = .text("\(number)")
    } else if let number = try? value.decode(Double.self) {
      self = .text("\(number)")
    } else if let text = try? value.decode(String.self) {
      self = .text(text)
    } else {
      self = .group(try value.decode([String: FieldValue].self))
    }
  }

  func collect(as name: String, into fields: inout [String: String]) {
    switch self {
    case .text(let text): fields[name] = text
    case .group(let values): for (field, value) in values { value.collect(as: "\(name).\(field)", into: &fields) }
    }
  }
}
