import FoundationEssentials
import NeuralNet
import Platform

/// Keras' own files: `model.keras`, `model.weights.h5`, and the older `model.h5`.
extension ModelFile {
  /// The names of a `.keras` archive's members.
  public enum KerasMember {
    /// When and by which Keras it was made; this program puts the model's own metadata there too.
    public static let metadata = "metadata.json"
    /// The network.
    public static let configuration = "config.json"
    /// The weights.
    public static let weights = "model.weights.h5"
  }

  /// The key of this program's own metadata in a `.keras` archive's `metadata.json`: an object of texts.
  package static let kerasMetadataKey = "fingerspell"

  /// The greatest size of a weights file of a network in bytes: double precision, an optimizer's variables, and the file's own tables.
  public static func kerasWeightsLimit(_ architecture: Architecture) -> Int {
    (1 << 24) + 64 * architecture.layout.count * MemoryLayout<Float>.stride
  }

  /// Reads a `.keras` archive's members.
  ///
  /// - Parameters:
  ///   - configuration: the bytes of config.json.
  ///   - metadata: those of metadata.json; empty if there is none.
  ///   - weights: gives those of model.weights.h5, of at most as many bytes as the argument says.
  ///   - path: the archive, for errors.
  /// - Throws: `HDF5Error` or `SafetensorsError` with the path, `Failure` if its network is none that is computed here.
  public init(
    kerasConfiguration configuration: [UInt8], metadata: [UInt8], path: String, weights: (Int) throws -> [UInt8]
  ) throws {
    var architecture = try Self.architecture(configuration, path: path)
    var facts: [String: String] = [:]
    var added: [(kerasName: String, name: String)] = []
    if let object = try? ExactJSON.decoder().decode(ConfigurationValue.self, from: Data(metadata)),
      let own = object.members?[Self.kerasMetadataKey]?.members
    {
      facts = own.compactMapValues(\.text)
      do { (architecture, added) = try KerasPreparation.removed(from: architecture, &facts) } catch let error
        as SafetensorsError
      { throw SafetensorsError(file: path, error.reason) }
    }
    let bytes = try weights(Self.kerasWeightsLimit(architecture))
    try self.init(hdf5: HDF5Memory(bytes), architecture, KerasPaths(architecture, after: added), facts, path: path)
  }

  /// Reads a `.weights.h5` or `.h5` file.
  ///
  /// - Parameter network: the network of a file that does not describe it; by default that for Sign Language MNIST.
  /// - Throws: `FileError`, `HDF5Error` or `SafetensorsError` with the path, `Failure` if its network is none that is computed here.
  public init(hdf5Path path: String, network: Architecture? = nil) throws {
    let source = try HDF5OnDisk(path: path)
    var architecture = network
    do {
      let root = try HDF5File(source).rootGroup()
      if let text = try root.text("model_config", limit: Architecture.jsonLimit) {
        architecture = try Self.architecture(Array(text.utf8), path: path)
      }
    } catch let error as HDF5Error {
      throw HDF5Error(file: path, error.reason)
    }
    let own = architecture ?? .signLanguageMNIST()
    try self.init(hdf5: source, own, KerasPaths(own), [:], path: path)
  }

  private init(
    hdf5 source: any HDF5Bytes, _ architecture: Architecture, _ paths: KerasPaths, _ metadata: [String: String],
    path: String
  ) throws {
    do {
      let weights = try KerasWeights(source, paths).weights
      let (parameters, isAsWritten) = try weights.parameters(in: architecture.layout)
      try self.init(parameters, isAsWritten: isAsWritten, architecture, metadata)
    } catch let error as HDF5Error {
      throw HDF5Error(file: path, error.reason)
    } catch let error as SafetensorsError {
      throw SafetensorsError(file: path, error.reason)
    }
  }

  /// The network of Keras' JSON in a file.
  package static func architecture(_ json: [UInt8], path: String) throws -> Architecture {
    do throws(ArchitectureError) { return try Architecture(json: json) } catch {
      throw Failure(.data, "\(foreign(path)): \(foreign("\(error)", limit: 1024))")
    }
  }
}
