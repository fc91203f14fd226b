import FoundationEssentials
import NeuralNet
import Platform

/// A network's description in a file's metadata: Keras' JSON. A file without one has the network for Sign Language MNIST.
enum ArchitectureText {
  /// The metadata key.
  static let key = "architecture"

  /// The text: equal for equal networks.
  static func encode(_ architecture: Architecture) -> String {
    guard let data = try? ExactJSON.encoder().encode(architecture) else {
      preconditionFailure("a network has a description")
    }
    return String(decoding: data, as: UTF8.self)
  }

  /// The network of a file's metadata; nil where they have none. Throws an error that says what of it is wrong.
  static func decode(_ metadata: [String: String]) throws(ArchitectureError) -> Architecture? {
    guard let text = metadata[key] else { return nil }
    return try Architecture(json: Array(text.utf8))
  }
}

extension Architecture {
  /// The largest description that is read, in bytes: a thousand layers of some kB.
  public static let jsonLimit = 1 << 22

  /// The network of a JSON text as Keras writes it (`model.to_json()`).
  public init(json: [UInt8]) throws(ArchitectureError) {
    let value: ConfigurationValue
    do {
      value = try ExactJSON.decoder().decode(ConfigurationValue.self, from: Data(json))
    } catch {
      throw ArchitectureError(
        "this is not JSON, which model.to_json() writes (NaN and Infinity, which Python may write, are none)")
    }
    self = try Architecture(keras: value)
  }
}
