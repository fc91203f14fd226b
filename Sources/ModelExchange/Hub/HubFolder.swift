import FoundationEssentials
import NeuralNet
import Platform

extension ExportedModel {
  /// The files of a folder that is uploaded to a model hub: the card, the configuration, the weights, and what loads them. Equal bytes
  /// for equal models and cards.
  package func hubFiles(_ card: ModelCard) throws -> [(name: String, bytes: [UInt8])] {
    [
      ("README.md", Array(card.text(self).utf8)), ("config.json", try hubConfiguration(card.version)),
      ("model.py", Array(pyTorch(version: card.version).utf8)), ("model.safetensors", safetensors),
    ]
  }

  private func hubConfiguration(_ version: String) throws -> [UInt8] {
    let configuration = HubConfiguration(
      architecture: architecture, preprocessing: preprocessing, inverted: inverts,
      inputShape: architecture.input.dimensions,
      classNames: classNames, parametersSha256: checksum, producer: "fingerspell \(version)")
    return Array(try ExactJSON.encoder(.readable, keys: .convertToSnakeCase).encode(configuration)) + [
      UInt8(ascii: "\n")
    ]
  }
}

/// config.json.
private struct HubConfiguration: Encodable {
  /// The network, as the JSON of Keras' `model.to_json()`.
  let architecture: Architecture
  let preprocessing: Preprocessing
  let inverted: Bool
  let inputShape: [Int]
  let classNames: [String]
  let parametersSha256: String
  let producer: String
}
