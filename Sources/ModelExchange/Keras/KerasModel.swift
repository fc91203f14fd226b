import Datasets
import FoundationEssentials
import ModelFiles
import NeuralNet
import Platform
import Synchronization

/// The files of Keras 3: what `model.save("model.keras")` and `model.save_weights("model.weights.h5")` write, without an optimizer.
extension ExportedModel {
  /// The Keras whose form it is.
  private static let kerasVersion = "3.0.0"

  /// A `.keras` archive, which `keras.models.load_model` opens. Its input is the picture, [batch, height, width] or
  /// [batch, height, width, channels] as the network's, of numbers from 0 to 255; its output is the network's.
  ///
  /// The layers that prepare the picture come first (`KerasPreparation`). metadata.json has the model's own metadata, its preprocessing and
  /// the SHA-256 of its parameters under the key `fingerspell`, by which this program recognises the network.
  package func keras() throws -> [UInt8] {
    let (whole, added, note) = try KerasPreparation.added(to: architecture, preprocessing, inverts: inverts)
    var own = metadata.merging(note) { $1 }
    own[ModelFile.preprocessingKey] = preprocessing.rawValue
    own[ModelFile.checksumKey] = checksum
    let facts: ConfigurationValue = .object([
      "keras_version": .string(Self.kerasVersion),
      // Keras does not read it; the time would make other bytes of the same model.
      "date_saved": .string("1980-01-01@00:00:00"),
      ModelFile.kerasMetadataKey: .object(own.mapValues { .string($0) }),
    ])
    let encoder = ExactJSON.encoder()
    let members = [
      (ModelFile.KerasMember.metadata, Array(try encoder.encode(facts))),
      (ModelFile.KerasMember.configuration, Array(try encoder.encode(whole.keras.forEveryKeras3))),
      (ModelFile.KerasMember.weights, try weights(KerasPaths(architecture, after: added))),
    ]
    var (archive, bytes) = (ZipWriter(), [UInt8]())
    for (name, contents) in members {
      guard let pieces = archive.member(name, [contents]) else {
        throw Failure(.data, "a model of more than 4 GiB does not fit into a .keras file; write a .weights.h5 file")
      }
      for piece in pieces { bytes += piece }
    }
    return bytes + archive.end()
  }

  /// A `.weights.h5` file, which `model.load_weights` of the network's own Keras model opens: `keras.models.model_from_json` of what
  /// `summary` prints as JSON. Nothing is added to the network: its input is prepared as in the training.
  package func kerasWeights() throws -> [UInt8] { try weights(KerasPaths(architecture)) }

  /// Not every build of the HDF5 library may be called by several threads.
  private static let library = Mutex<Void>(())

  private func weights(_ paths: KerasPaths) throws -> [UInt8] {
    try Self.library.withLock { _ in
      let file = try HDF5Writer()
      for group in paths.groups {
        try file.makeGroup(group.path, attribute: "name", text: group.name)
        for (index, tensor) in group.tensors.enumerated() {
          try file.write(parameters[tensor.range], shape: tensor.shape, to: "\(group.path)/\(index)")
        }
      }
      return try file.bytes()
    }
  }
}

extension ConfigurationValue {
  /// The same description in the words that every Keras 3 knows: until 3.3 an initializer was called `OrthogonalInitializer` alone, and
  /// later ones know both names.
  fileprivate var forEveryKeras3: ConfigurationValue {
    switch self {
    case .array(let elements): return .array(elements.map(\.forEveryKeras3))
    case .object(var members):
      members = members.mapValues(\.forEveryKeras3)
      if members["class_name"] == .string("Orthogonal") { members["class_name"] = .string("OrthogonalInitializer") }
      return .object(members)
    default: return self
    }
  }
}
