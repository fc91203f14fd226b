import NeuralNet
import Platform

/// A trained model as a self-contained safetensors file, with Keras' tensor names and shapes.
public struct ModelFile: Sendable, Equatable {
  /// The network.
  public let architecture: Architecture
  /// The parameters in the network's layout: `paddedCount` numbers.
  public var parameters: [Float]
  /// The model's metadata, safetensors' `__metadata__`.
  public let metadata: [String: String]

  /// The metadata key of the preprocessing.
  public static let preprocessingKey = "preprocessing"

  /// The metadata key of the SHA-256 of the parameters as little-endian float32 in the layout's order, which metrics.csv
  /// has too. It is written with every model, and checked if present.
  public static let checksumKey = "parameters_sha256"

  /// How images become the network's input. A file without this entry uses pixels / 255, as the original Keras program
  /// does, or the pixels as they are where the network begins with a `Rescaling`.
  public let preprocessing: Preprocessing

  /// Whether the metadata specify the preprocessing.
  public var namesPreprocessing: Bool { metadata[Self.preprocessingKey] != nil }

  /// A model with these parameters. The preprocessing in the metadata, if any, must be a known one.
  public init(_ architecture: Architecture, parameters: [Float], metadata: [String: String] = [:]) {
    precondition(parameters.count == architecture.layout.paddedCount, "a model has one value for each parameter")
    guard let preprocessing = Self.preprocessing(metadata, of: architecture) else {
      preconditionFailure("unknown preprocessing")
    }
    self.architecture = architecture
    self.parameters = parameters
    self.metadata = metadata
    self.preprocessing = preprocessing
  }

  /// The preprocessing in the metadata; nil if it is unknown.
  private static func preprocessing(_ metadata: [String: String], of architecture: Architecture) -> Preprocessing? {
    guard let name = metadata[preprocessingKey] else { return architecture.rescalesPixels ? .raw : .unit }
    return Preprocessing(rawValue: name)
  }

  /// The file's bytes: equal for equal models.
  public func encoded() -> [UInt8] {
    let tensors = architecture.layout.tensors.map { tensor in
      Tensor(name: tensor.name, shape: tensor.shape, values: Array(parameters[tensor.range]))
    }
    var metadata = metadata
    metadata[Self.checksumKey] = Self.checksum(parameters, architecture.layout)
    metadata[ArchitectureText.key] = ArchitectureText.encode(architecture)
    return TensorFile(tensors: tensors, metadata: metadata).encoded()
  }

  /// Writes the model atomically.
  public func write(to path: String) throws {
    try AtomicFile.write(encoded(), to: path)
  }

  /// The SHA-256 of parameters in a layout: see `checksumKey`.
  public static func checksum(_ parameters: [Float], _ layout: ParameterLayout) -> String {
    parameters.withUnsafeBytes { bytes in
      let count = layout.count * MemoryLayout<Float>.stride
      return SHA256Digest(of: UnsafeRawBufferPointer(rebasing: bytes[..<count])).description
    }
  }
}

// Reading.
extension ModelFile {
  /// The maximum length of a model's header in bytes: a hundred times that of a network of a hundred layers.
  private static let headerLimit = 1 << 22

  /// Reads a model. The network's tensors may be in any order, under any name that `WeightNames` knows or in PyTorch's layout
  /// (`TorchLayout`), and of type F32, F64, F16 or BF16; all must be present, with the network's shapes, and finite. Other tensors may
  /// be of any type.
  ///
  /// The header is read first and checked against the file's size; of the rest, only the network's tensors are read.
  ///
  /// - Parameter network: the network of a file that does not describe it; by default that for Sign Language MNIST.
  /// - Throws: `FileError` if the file cannot be read, `SafetensorsError` if it is not a model of this network.
  public init(path: String, network: Architecture? = nil) throws {
    let file = try SafetensorsFile.open(path, headerLimit: Self.headerLimit)
    do {
      self = try ModelFile(file, network)
    } catch let error as SafetensorsError {
      throw SafetensorsError(file: path, error.reason)
    }
  }

  private init(_ file: SafetensorsFile, _ network: Architecture?) throws {
    let entries = file.header.entries
    let metadata = file.header.metadata
    let architecture = try Self.architecture(metadata) ?? network ?? .signLanguageMNIST()
    let weights = ForeignWeights(
      entries: entries.map { WeightEntry(name: $0.name, type: $0.type, shape: $0.shape) },
      bytes: { try file.bytes(entries[$0]) })
    if let layout = try TorchLayout(weights.entries, of: architecture) {
      try self.init(layout.parameters(weights), isAsWritten: false, architecture, metadata)
    } else {
      let (parameters, isAsWritten) = try weights.parameters(in: architecture.layout)
      try self.init(parameters, isAsWritten: isAsWritten, architecture, metadata)
    }
  }

  /// A model of parameters that were read.
  ///
  /// - Parameters:
  ///   - isAsWritten: whether the parameters are of the type that was written; the checksum does not apply to others.
  ///   - metadata: the file's, with what they say of preprocessing and checksum.
  init(
    _ parameters: [Float], isAsWritten: Bool, _ architecture: Architecture, _ metadata: [String: String]
  ) throws(SafetensorsError) {
    guard Self.preprocessing(metadata, of: architecture) != nil else {
      throw SafetensorsError(
        .unknownMetadata(
          key: Self.preprocessingKey, value: metadata[Self.preprocessingKey] ?? "",
          known: Preprocessing.allCases.map(\.rawValue)))
    }
    if isAsWritten, let sum = metadata[Self.checksumKey], sum != Self.checksum(parameters, architecture.layout) {
      throw SafetensorsError(.wrongChecksum)
    }
    self.init(architecture, parameters: parameters, metadata: metadata.filter { $0.key != ArchitectureText.key })
  }

  private static func architecture(_ metadata: [String: String]) throws(SafetensorsError) -> Architecture? {
    do throws(ArchitectureError) { return try ArchitectureText.decode(metadata) } catch {
      throw SafetensorsError(.unknownNetwork("\(error)"))
    }
  }
}
