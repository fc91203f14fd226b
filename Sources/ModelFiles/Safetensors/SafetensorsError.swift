import Platform

/// What is wrong with a safetensors file.
public struct SafetensorsError: UserError, Hashable, Sendable, CustomStringConvertible {
  /// Bad data.
  public var failureKind: FailureKind { .data }

  /// The file's path, or nil for bytes in memory.
  public var file: String?
  /// What is wrong.
  public let reason: Reason

  /// The kinds of fault.
  public enum Reason: Hashable, Sendable {
    /// Fewer than the 8 bytes that give the header's length.
    case tooShort(Int)
    /// The header's length is beyond the file's end or the format's limit of 100 MB.
    case headerTooLong(length: UInt64, limit: Int)
    /// The header is not the JSON that it must be; the byte is counted from the file's beginning.
    case malformedHeader(byte: Int, expected: String)
    /// Two tensors, two fields of one tensor or two metadata entries have one name.
    case duplicateName(String)
    /// An element type other than F32, F64, I64 and U8.
    case unsupportedType(tensor: String, type: String)
    /// More elements than can be counted, or more than 64 dimensions.
    case shapeTooLarge(tensor: String)
    /// The offsets of a tensor span another number of bytes than its type and shape need.
    case wrongSize(tensor: String, needed: Int, begin: Int, end: Int)
    /// A tensor does not begin where the one before it ends: a gap or an overlap.
    case misplaced(tensor: String, begin: Int, expected: Int)
    /// The file ends before the data does.
    case truncated(needed: Int, found: Int)
    /// Bytes follow the last tensor's.
    case trailingBytes(Int)
    /// The file is of another kind than safetensors.
    case otherKind(FileKind)
    /// The system refused to read; with its words.
    case unreadable(String)
    /// Tensors of the network are not there: which, and what there is, each with type and shape.
    case missingTensors([String], found: [String])
    /// Two tensors have the place of one of the network's.
    case ambiguousTensor(String, String, String)
    /// The parameters are not those that were written.
    case wrongChecksum
    /// A tensor that was asked for is not there.
    case missingTensor(String)
    /// A tensor has another shape than the asked one.
    case wrongShape(tensor: String, expected: [Int], found: [Int])
    /// A number of a tensor is infinite or not a number; the index counts from 0, row by row.
    case notFinite(tensor: String, index: Int, value: String)
    /// A tensor has another type than the asked one.
    case wrongType(tensor: String, expected: String, found: String)
    /// The metadata say something about the model that this program does not know, and must know to use it.
    case unknownMetadata(key: String, value: String, known: [String])
  }

  /// An error of this reason.
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
    case .tooShort(let count): "is no safetensors file: it has \(count) of the 8 bytes of the header's length"
    case .headerTooLong(let length, let limit):
      "is no safetensors file or is truncated: its header would have \(length) bytes, and at most \(limit) are possible"
    case .malformedHeader(let byte, let expected): "the header is damaged at byte \(byte): expected \(expected)"
    case .otherKind(let kind): kind.complaint(.model)
    case .unreadable(let why): why
    case .missingTensors(let missing, let found): Self.missingText(missing, found)
    case .ambiguousTensor(let name, let first, let second):
      "has two tensors for '\(name)': '\(Self.named(first))' and '\(Self.named(second))'; leave one of them out"
    case .wrongChecksum:
      "is damaged: its weights are not those that were written (their SHA-256 is another than \(ModelFile.checksumKey) in its "
        + "metadata); take a copy that is whole"
    case .duplicateName(let name): "the header names '\(Self.named(name))' twice"
    case .unsupportedType(let tensor, let type):
      "the tensor '\(Self.named(tensor))' has the type \(Self.named(type)); F32, F64, I64 and U8 can be read"
    case .shapeTooLarge(let tensor): "the shape of tensor '\(Self.named(tensor))' is too large"
    case .wrongSize(let tensor, let needed, let begin, let end):
      "the tensor '\(Self.named(tensor))' needs \(needed) bytes, but its offsets are \(begin) to \(end)"
    case .misplaced(let tensor, let begin, let expected):
      "the tensor '\(Self.named(tensor))' begins at offset \(begin) instead of \(expected)"
    case .truncated(let needed, let found): "is truncated: the tensors need \(needed) bytes, and \(found) are there"
    case .trailingBytes(let count): "has \(count) bytes behind the last tensor"
    case .missingTensor(let name): "has no tensor '\(Self.named(name))'"
    case .wrongShape(let tensor, let expected, let found):
      "the tensor '\(Self.named(tensor))' has the shape \(found) instead of \(expected)"
    case .notFinite(let tensor, let index, let value):
      "the tensor '\(Self.named(tensor))' holds \(value) at index \(index): weights must be finite numbers"
    case .wrongType(let tensor, let expected, let found):
      "the tensor '\(Self.named(tensor))' has the type \(Self.named(found)) instead of \(expected)"
    case .unknownMetadata(let key, let value, let known):
      "its metadata give '\(Self.named(value))' as \(key), which this version does not know: it knows \(known.joined(separator: ", "))"
    }
  }

  private static func named(_ text: String) -> String { foreign(text, limit: 256) }

  private static func missingText(_ missing: [String], _ found: [String]) -> String {
    func list(_ names: [String], _ most: Int) -> String {
      names.prefix(most).joined(separator: ", ") + (names.count > most ? " and \(names.count - most) more" : "")
    }
    return "is no model of this network: it has no \(list(missing, 12)); it holds "
      + (found.isEmpty ? "no tensors" : list(found, 24))
  }
}
