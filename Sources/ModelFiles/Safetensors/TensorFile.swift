import Platform

/// The contents of a safetensors file: named tensors and text metadata.
///
/// The format (huggingface/safetensors): the header's length as 8 little-endian bytes, the header in JSON, then the
/// tensors without gaps, little-endian and row-major.
public struct TensorFile: Hashable, Sendable {
  /// The header's `__metadata__`.
  public var metadata: [String: String]
  /// The tensors, in file order. Their names are unique.
  public var tensors: [Tensor]

  /// Contents of a file, by default none.
  public init(tensors: [Tensor] = [], metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
  }

  /// Reads a whole file. Throws `FileError` if it cannot be read, `SafetensorsError` if its contents are damaged.
  public init(path: String) throws {
    let bytes = try FileBytes.read(path)
    do throws(SafetensorsError) {
      self = try TensorFile(bytes: bytes)
    } catch {
      throw SafetensorsError(file: path, error.reason)
    }
  }

  /// Writes the file atomically.
  public func write(to path: String) throws(FileError) {
    try AtomicFile.write(encoded(), to: path)
  }

  /// The tensor with this name; nil if there is none.
  public subscript(name: String) -> Tensor? { tensors.first { $0.name == name } }

  /// The values of a tensor, which must exist with this shape and in single precision.
  public func floats(_ name: String, shape: [Int]) throws(SafetensorsError) -> [Float] {
    guard let tensor = self[name] else { throw SafetensorsError(.missingTensor(name)) }
    guard case .float32(let values) = tensor.values else {
      throw SafetensorsError(.wrongType(tensor: name, expected: "F32", found: tensor.values.typeName))
    }
    guard tensor.shape == shape else {
      throw SafetensorsError(.wrongShape(tensor: name, expected: shape, found: tensor.shape))
    }
    return values
  }
}
