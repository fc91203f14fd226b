import FoundationEssentials

/// A layer as Keras' `model.summary()` prints it.
public struct KerasLayer: Sendable, Decodable {
  /// Keras' name, e.g. `max_pooling1d`.
  public let name: String
  /// Keras' class, e.g. `MaxPooling1D`.
  public let className: String
  /// The output's shape without the batch.
  public let outputShape: [Int]
  /// The number of parameters.
  public let parameters: Int

  enum CodingKeys: String, CodingKey {
    case name, parameters
    case className = "class"
    case outputShape = "output_shape"
  }
}

/// A model of Tests/Goldens/models.py that must be read, and what Keras says of it.
public struct KerasModel: Sendable, CustomStringConvertible {
  /// The name of its file, e.g. `lstm-pair`.
  public let name: String
  /// The layers without the input.
  public let layers: [KerasLayer]
  /// The trainable tensors in Keras' order: `<layer>/<weight>`, and their shapes.
  public let tensors: [(name: String, shape: [Int])]
  /// The number of parameters.
  public let parameterCount: Int
  /// Where its `to_json()` text of Keras 3 is.
  public let path: String
  /// Where its texts of Keras 2 are, of one or two versions.
  public let keras2Paths: [String]

  /// The name.
  public var description: String { name }

  /// All of them, by name.
  public static func all() throws -> [KerasModel] {
    let data = try Data(contentsOf: folder.appending(path: "outlines.json"))
    let older = folder.appending(path: "keras2")
    let olderNames = try FileManager.default.contentsOfDirectory(atPath: older.path).sorted()
    let outlines = try JSONDecoder().decode([String: Outline].self, from: data).sorted { $0.key < $1.key }
    return outlines.map { name, outline in
      KerasModel(
        name: name, layers: outline.layers, tensors: outline.tensors.map { ($0.name, $0.shape) },
        parameterCount: outline.parameters, path: folder.appending(path: "\(name).json").path,
        keras2Paths: olderNames.filter { $0 == "\(name).json" || $0.hasPrefix("\(name)-2.") }
          .map { older.appending(path: $0).path })
    }
  }

  static let folder = Goldens.folder.appending(path: "models")

  private struct Outline: Decodable {
    let parameters: Int
    let layers: [KerasLayer]
    let tensors: [Tensor]

    struct Tensor: Decodable {
      let name: String
      let shape: [Int]
    }
  }
}

/// A model of Tests/Goldens/models.py that must be refused.
public struct RefusedKerasModel: Sendable, CustomStringConvertible {
  /// The name of its file, e.g. `batch-normalization`.
  public let name: String
  /// What the error must say: layer, option and, where there is one, what to use instead.
  public let words: [String]
  /// Where its `to_json()` text is.
  public let path: String

  /// The name.
  public var description: String { name }

  /// All of them, by name.
  public static func all() throws -> [RefusedKerasModel] {
    let folder = KerasModel.folder.appending(path: "refused")
    let data = try Data(contentsOf: folder.appending(path: "words.json"))
    return try JSONDecoder().decode([String: [String]].self, from: data).sorted { $0.key < $1.key }
      .map { RefusedKerasModel(name: $0, words: $1, path: folder.appending(path: "\($0).json").path) }
  }
}
