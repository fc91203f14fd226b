import NeuralNet

/// A trained model on disk: a safetensors file with Keras' names and shapes, which needs nothing else to be used elsewhere.
public struct ModelFile: Sendable, Equatable {
  /// The parameters, as `NetworkDefinition.layout` orders them: `paddedCount` numbers.
  public var parameters: [Float]
  /// What is known about the model, in safetensors' `__metadata__`.
  public var metadata: [String: String]

  /// A model of those parameters.
  public init(parameters: [Float], metadata: [String: String] = [:]) {
    precondition(parameters.count == NetworkDefinition.layout.paddedCount, "a model has one value for each parameter")
    self.parameters = parameters
    self.metadata = metadata
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
    } catch {
      throw SafetensorsError(file: path, error.reason)
    }
    self.init(parameters: parameters, metadata: file.metadata)
  }

  /// Writes the model: whole or not at all.
  public func write(to path: String) throws {
    let tensors = NetworkDefinition.layout.tensors.map { tensor in
      Tensor(name: tensor.name, shape: tensor.shape, values: Array(parameters[tensor.range]))
    }
    try TensorFile(tensors: tensors, metadata: metadata).write(to: path)
  }
}
