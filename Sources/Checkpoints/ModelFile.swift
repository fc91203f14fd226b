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

  /// How images become the network's input; a file that does not say so is of a network for pixels / 255, Keras' own.
  public let preprocessing: Preprocessing

  /// A model of those parameters, as it is written. The metadata must name a preprocessing that there is, or none.
  public init(parameters: [Float], metadata: [String: String] = [:]) {
    precondition(parameters.count == NetworkDefinition.layout.paddedCount, "a model has one value for each parameter")
    self.parameters = parameters
    self.metadata = metadata
    guard let preprocessing = Self.preprocessing(metadata) else {
      preconditionFailure("there is no such preprocessing")
    }
    self.preprocessing = preprocessing
  }

  /// Nil where the metadata name a preprocessing that there is not.
  private static func preprocessing(_ metadata: [String: String]) -> Preprocessing? {
    guard let name = metadata[preprocessingKey] else { return .unit }
    return Preprocessing(rawValue: name)
  }

  /// Reads a model. Tensors may come in any order, but the network's must be there in their shapes, as F32 and finite.
  ///
  /// - Throws: `FileError` where the file cannot be read, `SafetensorsError` where it is not a model of this network.
  public init(path: String) throws {
    let file = try TensorFile(path: path)
    var parameters = [Float](repeating: 0, count: NetworkDefinition.layout.paddedCount)
    do throws(SafetensorsError) {
      for tensor in NetworkDefinition.layout.tensors {
        let values = try file.floats(tensor.name, shape: tensor.shape)
        if let index = values.firstIndex(where: { !$0.isFinite }) {
          throw SafetensorsError(.notFinite(tensor: tensor.name, index: index, value: "\(values[index])"))
        }
        parameters.replaceSubrange(tensor.range, with: values)
      }
      guard Self.preprocessing(file.metadata) != nil else {
        throw SafetensorsError(
          .unknownMetadata(
            key: Self.preprocessingKey, value: file.metadata[Self.preprocessingKey] ?? "",
            known: Preprocessing.allCases.map(\.rawValue)))
      }
    } catch {
      throw SafetensorsError(file: path, error.reason)
    }
    self.init(parameters: parameters, metadata: file.metadata)
  }

  /// The file's bytes: the same for equal models.
  public func encoded() -> [UInt8] {
    let tensors = NetworkDefinition.layout.tensors.map { tensor in
      Tensor(name: tensor.name, shape: tensor.shape, values: Array(parameters[tensor.range]))
    }
    return TensorFile(tensors: tensors, metadata: metadata).encoded()
  }

  /// Writes the model: whole or not at all.
  public func write(to path: String) throws {
    try AtomicFile.write(encoded(), to: path)
  }
}
