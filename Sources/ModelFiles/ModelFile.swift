import NeuralNet
import Platform

/// A trained model on disk: a safetensors file with Keras' names and shapes, which needs nothing else to be used elsewhere.
public struct ModelFile: Sendable, Equatable {
  /// The parameters, as `NetworkDefinition.layout` orders them: `paddedCount` numbers.
  public var parameters: [Float]
  /// What is known about the model, in safetensors' `__metadata__`.
  public let metadata: [String: String]

  /// The entry of the metadata that says how images become the network's input.
  public static let preprocessingKey = "preprocessing"

  /// The entry of the metadata with the SHA-256 of the parameters, which metrics.csv has too: as little-endian float32, in
  /// the layout's order. It is written with every model, and compared where it is there.
  public static let checksumKey = "parameters_sha256"

  /// How images become the network's input; a file that does not say so is of a network for pixels / 255, Keras' own.
  public let preprocessing: Preprocessing

  /// Whether the file says how images become the network's input.
  public var namesPreprocessing: Bool { metadata[Self.preprocessingKey] != nil }

  /// A model of those parameters, as it is written. The metadata must name a preprocessing that there is, or none.
  public init(parameters: [Float], metadata: [String: String] = [:]) {
    precondition(parameters.count == NetworkDefinition.layout.paddedCount, "a model has one value for each parameter")
    guard let preprocessing = Self.preprocessing(metadata) else {
      preconditionFailure("there is no such preprocessing")
    }
    self.parameters = parameters
    self.metadata = metadata
    self.preprocessing = preprocessing
  }

  /// Nil where the metadata name a preprocessing that there is not.
  private static func preprocessing(_ metadata: [String: String]) -> Preprocessing? {
    guard let name = metadata[preprocessingKey] else { return .unit }
    return Preprocessing(rawValue: name)
  }

  /// The file's bytes: the same for equal models.
  public func encoded() -> [UInt8] {
    let tensors = NetworkDefinition.layout.tensors.map { tensor in
      Tensor(name: tensor.name, shape: tensor.shape, values: Array(parameters[tensor.range]))
    }
    var metadata = metadata
    metadata[Self.checksumKey] = Self.checksum(parameters)
    return TensorFile(tensors: tensors, metadata: metadata).encoded()
  }

  /// Writes the model: whole or not at all.
  public func write(to path: String) throws {
    try AtomicFile.write(encoded(), to: path)
  }

  private static func checksum(_ parameters: [Float]) -> String {
    parameters.withUnsafeBytes { bytes in
      let count = NetworkDefinition.layout.count * MemoryLayout<Float>.stride
      return SHA256Digest(of: UnsafeRawBufferPointer(rebasing: bytes[..<count])).description
    }
  }
}

// Reading.
extension ModelFile {
  /// The longest header of a model that is read: a thousand times that of this network's.
  private static let headerLimit = 1 << 20

  /// Reads a model. Tensors may come in any order, under any name that `WeightNames` knows, as F32, F64, F16 or BF16; those
  /// that are not of the network may be of any type. The network's must be there, in their shapes, and finite.
  ///
  /// The header is read first, and held against the file's size; of the rest, only what the network needs is read.
  ///
  /// - Throws: `FileError` where the file cannot be read, `SafetensorsError` where it is not a model of this network.
  public init(path: String) throws {
    let file = try SafetensorsFile.open(path, headerLimit: Self.headerLimit)
    do throws(SafetensorsError) {
      self = try ModelFile(file)
    } catch {
      throw SafetensorsError(file: path, error.reason)
    }
  }

  private init(_ file: borrowing SafetensorsFile) throws(SafetensorsError) {
    let entries = file.header.entries
    let places = try WeightNames(entries.map(\.name))
    let layout = NetworkDefinition.layout
    let missing = layout.tensors.filter { places.indices[$0.name] == nil }
    guard missing.isEmpty else {
      throw SafetensorsError(
        .missingTensors(
          missing.map { Self.text($0.name, "F32", $0.shape) },
          found: entries.map { Self.text($0.name, $0.type, $0.shape) }))
    }
    var parameters = [Float](repeating: 0, count: layout.paddedCount)
    var isAsWritten = true
    for tensor in layout.tensors {
      guard let place = places.indices[tensor.name] else { continue }
      let entry = entries[place]
      guard entry.shape == tensor.shape else {
        throw SafetensorsError(.wrongShape(tensor: entry.name, expected: tensor.shape, found: entry.shape))
      }
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
    guard Self.preprocessing(metadata) != nil else {
      throw SafetensorsError(
        .unknownMetadata(
          key: Self.preprocessingKey, value: metadata[Self.preprocessingKey] ?? "",
          known: Preprocessing.allCases.map(\.rawValue)))
    }
    // Of numbers that were converted by whoever wrote the file, the checksum is not theirs.
    if isAsWritten, let sum = metadata[Self.checksumKey], sum != Self.checksum(parameters) {
      throw SafetensorsError(.wrongChecksum)
    }
    self.init(parameters: parameters, metadata: metadata)
  }

  /// `lstm/kernel F32 [64, 256]`.
  private static func text(_ name: String, _ type: String, _ shape: [Int]) -> String {
    "\(foreign(name, limit: 128)) \(foreign(type, limit: 16)) \(shape)"
  }
}
