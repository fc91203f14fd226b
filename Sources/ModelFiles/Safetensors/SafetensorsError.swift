import NeuralNet
import Platform

/// An error in a safetensors file, or in a model stored in one.
public struct SafetensorsError: UserError, Hashable, Sendable, CustomStringConvertible {
  /// `FailureKind.data`.
  public var failureKind: FailureKind { .data }

  /// `Remedy.nameNetwork`, where the tensors are those of another network.
  public var remedy: Remedy? {
    switch reason {
    case .missingTensors, .wrongShape, .leftOver, .otherLayer: .nameNetwork
    default: nil
    }
  }

  /// The file's path; nil for bytes in memory.
  public var file: String?
  /// What is wrong.
  public let reason: Reason

  /// The kinds of errors.
  public enum Reason: Hashable, Sendable {
    /// The file has fewer than the 8 bytes of the header's length.
    case tooShort(Int)
    /// The header's length exceeds the file, or the limit.
    case headerTooLong(length: UInt64, limit: Int)
    /// The header is not valid JSON of the expected form; with the offset in the file.
    case malformedHeader(byte: Int, expected: String)
    /// Two tensors, two fields of a tensor or two metadata entries have the same name.
    case duplicateName(String)
    /// A tensor's element type is not F32, F64, I64 or U8.
    case unsupportedType(tensor: String, type: String)
    /// A tensor's number of elements overflows.
    case shapeTooLarge(tensor: String)
    /// The offsets of a tensor do not span the number of bytes that its type and shape need.
    case wrongSize(tensor: String, needed: Int, begin: Int, end: Int)
    /// A tensor does not begin where the previous one ends: a gap or an overlap.
    case misplaced(tensor: String, begin: Int, expected: Int)
    /// The file is shorter than its data.
    case truncated(needed: Int, found: Int)
    /// There are bytes after the last tensor.
    case trailingBytes(Int)
    /// The file is of another kind.
    case otherKind(FileKind)
    /// The file cannot be read; with the system's message.
    case unreadable(String)
    /// Tensors of the network are missing; with the missing ones and their shapes, how many the network has, and those that
    /// the file has, with their types and shapes.
    case missingTensors([String], of: Int, found: [String])
    /// Tensors for which the network has no place; with how many there are in all.
    case leftOver([String], of: Int)
    /// Tensors of PyTorch's for one layer that are not its own; what the file has, and what is needed.
    case otherLayer(found: String, needed: String)
    /// Two of PyTorch's modules have the same shapes, and their names do not tell which of these layers is which.
    case unclearOrder(String, String, [String])
    /// The description of the network in the metadata is not one of a network; with the reason.
    case unknownNetwork(String)
    /// Two tensors of the file match one tensor of the network: the network's name, and both names in the file.
    case ambiguousTensor(String, String, String)
    /// The checksum of the parameters does not match.
    case wrongChecksum
    /// A required tensor is missing.
    case missingTensor(String)
    /// A tensor does not have the required shape.
    case wrongShape(tensor: String, expected: [Int], found: [Int])
    /// An element of a tensor is infinite or NaN; with its index in row-major order, from 0.
    case notFinite(tensor: String, index: Int, value: String)
    /// A tensor does not have the required type.
    case wrongType(tensor: String, expected: String, found: String)
    /// A metadata entry that is needed to use the model has an unknown value.
    case unknownMetadata(key: String, value: String, known: [String])
  }

  /// An error with this reason.
  public init(file: String? = nil, _ reason: Reason) {
    self.file = file
    self.reason = reason
  }

  /// `FILE: what is wrong`.
  public var description: String { "\(file.map { foreign($0) } ?? "safetensors data"): \(reason)" }
}

extension SafetensorsError.Reason: CustomStringConvertible {
  /// What is wrong, in one sentence.
  public var description: String {
    switch self {
    case .tooShort(let count):
      "is not a safetensors file: it has \(count) bytes, fewer than the 8 of the header's length"
    case .headerTooLong(let length, let limit):
      "is not a safetensors file, or is truncated: its header would have \(length) bytes, but at most \(limit) are possible"
    case .malformedHeader(let byte, let expected): "the header is damaged at byte \(byte): expected \(expected)"
    case .otherKind(let kind): kind.complaint(.model)
    case .unreadable(let why): why
    case .missingTensors(let missing, let count, let found): Self.missingText(missing, of: count, found)
    case .leftOver(let names, let count):
      "is of another network: it has \(Self.list(names, 12)), \(names.count) of its \(count) tensors, for which this one has no layer"
    case .otherLayer(let found, let needed): "does not fit the network: it has \(found); the network needs \(needed)"
    case .unclearOrder(let first, let second, let layers):
      "has modules of the same shapes, '\(Self.named(first))' and '\(Self.named(second))', and their names do not tell which is which of "
        + "\(Self.list(layers, 6)); give them these names, or names that differ in a number only"
    case .unknownNetwork(let reason):
      "describes a network in its metadata that cannot be used: \(foreign(reason, limit: 512))"
    case .ambiguousTensor(let name, let first, let second):
      "has two tensors for '\(name)': '\(Self.named(first))' and '\(Self.named(second))'; remove one of them"
    case .wrongChecksum:
      "is damaged: the SHA-256 of its weights is not \(ModelFile.checksumKey) in its metadata; use an intact copy"
    case .duplicateName(let name): "the header has '\(Self.named(name))' twice"
    case .unsupportedType(let tensor, let type):
      "the tensor '\(Self.named(tensor))' has the type \(Self.named(type)); F32, F64, I64 and U8 can be read"
    case .shapeTooLarge(let tensor): "the shape of tensor '\(Self.named(tensor))' is too large"
    case .wrongSize(let tensor, let needed, let begin, let end):
      "the tensor '\(Self.named(tensor))' needs \(needed) bytes, but its offsets are \(begin) to \(end)"
    case .misplaced(let tensor, let begin, let expected):
      "the tensor '\(Self.named(tensor))' begins at offset \(begin) instead of \(expected)"
    case .truncated(let needed, let found): "is truncated: the tensors need \(needed) bytes, but it has \(found)"
    case .trailingBytes(let count): "has \(count) bytes after the last tensor"
    case .missingTensor(let name): "has no tensor '\(Self.named(name))'"
    case .wrongShape(let tensor, let expected, let found):
      "the tensor '\(Self.named(tensor))' has the shape \(found) instead of \(expected)"
    case .notFinite(let tensor, let index, let value):
      "the tensor '\(Self.named(tensor))' has \(value) at index \(index): weights must be finite numbers"
    case .wrongType(let tensor, let expected, let found):
      "the tensor '\(Self.named(tensor))' has the type \(Self.named(found)) instead of \(expected)"
    case .unknownMetadata(let key, let value, let known):
      "has the unknown \(key) '\(Self.named(value))' in its metadata; this version knows \(known.joined(separator: ", "))"
    }
  }

  private static func named(_ text: String) -> String { foreign(text, limit: 256) }

  private static func list(_ names: [String], _ most: Int) -> String {
    names.prefix(most).joined(separator: ", ") + (names.count > most ? " and \(names.count - most) more" : "")
  }

  private static func missingText(_ missing: [String], of count: Int, _ found: [String]) -> String {
    let isPart = missing.count < count
    return "is \(isPart ? "incomplete" : "not a model of this network"): it has no \(list(missing, 12)); it has "
      + (found.isEmpty ? "no tensors" : list(found, 24))
  }
}

extension Remedy {
  /// Say which network the weights are of.
  static let nameNetwork = Remedy("name-network")
}
