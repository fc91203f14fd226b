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

  /// Reads a model. The network's tensors may be in any order, under any name that `WeightNames` knows, and of type F32,
  /// F64, F16 or BF16; all must be present, with the network's shapes, and finite. Other tensors may be of any type.
  ///
  /// The header is read first and checked against the file's size; of the rest, only the network's tensors are read.
  ///
  /// - Parameter network: the network of a file that does not describe it; by default that for Sign Language MNIST.
  /// - Throws: `FileError` if the file cannot be read, `SafetensorsError` if it is not a model of this network.
  public init(path: String, network: Architecture? = nil) throws {
    let file = try SafetensorsFile.open(path, headerLimit: Self.headerLimit)
    do throws(SafetensorsError) {
      self = try ModelFile(file, network)
    } catch {
      throw SafetensorsError(file: path, error.reason)
    }
  }

  private init(_ file: borrowing SafetensorsFile, _ network: Architecture?) throws(SafetensorsError) {
    let entries = file.header.entries
    let architecture = try Self.architecture(file.header.metadata) ?? network ?? .signLanguageMNIST()
    let layout = architecture.layout
    let names = try WeightNames(entries.map(\.name), in: layout)
    let missing = layout.tensors.filter { names.indices[$0.name] == nil }
    guard missing.isEmpty else {
      throw SafetensorsError(
        .missingTensors(
          missing.map { "\($0.name) \($0.shape)" }, of: layout.tensors.count,
          found: entries.map { Self.text($0.name, $0.type, $0.shape) }))
    }
    let found = layout.tensors.compactMap { tensor in names.indices[tensor.name].map { (tensor, entries[$0]) } }
    // The file is as large as its entries, and so are the parameters once these have the network's shapes.
    for (tensor, entry) in found where entry.shape != tensor.shape {
      throw SafetensorsError(.wrongShape(tensor: entry.name, expected: tensor.shape, found: entry.shape))
    }
    var parameters = [Float](repeating: 0, count: layout.paddedCount)
    var isAsWritten = true
    for (tensor, entry) in found {
      guard let type = WeightType(rawValue: entry.type) else {
        let known = WeightType.allCases.map(\.rawValue).joined(separator: ", ")
        throw SafetensorsError(.wrongType(tensor: entry.name, expected: "one of \(known)", found: entry.type))
      }
      isAsWritten = isAsWritten && type == .float32
      let values = type.floats(try file.bytes(entry))
      if let index = values.firstIndex(where: { !$0.isFinite }) {
        throw SafetensorsError(.notFinite(tensor: entry.name, index: index, value: "\(values[index])"))
      }
      parameters.replaceSubrange(tensor.range, with: values)
    }
    let metadata = file.header.metadata
    guard Self.preprocessing(metadata, of: architecture) != nil else {
      throw SafetensorsError(
        .unknownMetadata(
          key: Self.preprocessingKey, value: metadata[Self.preprocessingKey] ?? "",
          known: Preprocessing.allCases.map(\.rawValue)))
    }
    // The checksum does not apply to weights that were converted to another type.
    if isAsWritten, let sum = metadata[Self.checksumKey], sum != Self.checksum(parameters, layout) {
      throw SafetensorsError(.wrongChecksum)
    }
    self.init(architecture, parameters: parameters, metadata: metadata.filter { $0.key != ArchitectureText.key })
  }

  private static func architecture(_ metadata: [String: String]) throws(SafetensorsError) -> Architecture? {
    do throws(ArchitectureError) { return try ArchitectureText.decode(metadata) } catch {
      throw SafetensorsError(.unknownNetwork("\(error)"))
    }
  }

  /// `lstm/kernel F32 [64, 256]`.
  private static func text(_ name: String, _ type: String, _ shape: [Int]) -> String {
    "\(foreign(name, limit: 128)) \(foreign(type, limit: 16)) \(shape)"
  }
}
