import Datasets
import ModelFiles
import NeuralNet
import Platform

/// A model file of any kind that is read: known by its first bytes, whatever it is called.
extension ModelFile {
  /// Reads a safetensors file, `model.keras`, `model.weights.h5` or `model.h5`.
  ///
  /// - Parameter network: the network of a file that does not describe it; nil for that for Sign Language MNIST.
  /// - Throws: errors with the file's name.
  init(anyKind path: String, network: Architecture?) throws {
    switch FileKind(firstBytes: try OpenFile.reading(path).firstBytes()) {
    case .hdf5: try self.init(hdf5Path: path, network: network)
    case .keras, .zip: try self.init(archive: path)
    default: try self.init(path: path, network: network)
    }
  }

  private init(archive path: String) throws {
    let archive = try ZipMembers(path: path)
    guard let configuration = try archive.contents(KerasMember.configuration, limit: Architecture.jsonLimit) else {
      throw SafetensorsError(file: path, .otherKind(.zip))
    }
    let metadata = try archive.contents(KerasMember.metadata, limit: Architecture.jsonLimit) ?? []
    try self.init(kerasConfiguration: configuration, metadata: metadata, path: path) { limit in
      guard let weights = try archive.contents(KerasMember.weights, limit: limit) else {
        throw Failure(
          .data,
          "\(foreign(path)) is a Keras model without \(KerasMember.weights) in it; save it again with model.save(\"model.keras\")"
        )
      }
      return weights
    }
  }
}

extension Architecture {
  /// The network of a `.keras` archive; nil if the archive is none.
  package init?(kerasArchive path: String) throws {
    guard
      let json = try ZipMembers(path: path).contents(ModelFile.KerasMember.configuration, limit: Architecture.jsonLimit)
    else { return nil }
    self = try ModelFile.architecture(json, path: path)
  }
}
