/// What is wrong with a safetensors file.
public struct SafetensorsError: Error, Hashable, Sendable, CustomStringConvertible {
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
  public var description: String { "\(file ?? "safetensors data"): \(reason)" }
}

extension SafetensorsError.Reason: CustomStringConvertible {
  /// What is wrong, in one sentence.
  public var description: String {
    switch self {
    case .tooShort(let count): "is no safetensors file: it has \(count) of the 8 bytes of the header's length"
    case .headerTooLong(let length, let limit):
      "is no safetensors file or is truncated: its header would have \(length) bytes, and at most \(limit) are possible"
    case .malformedHeader(let byte, let expected): "the header is damaged at byte \(byte): expected \(expected)"
    case .duplicateName(let name): "the header names '\(name)' twice"
    case .unsupportedType(let tensor, let type):
      "the tensor '\(tensor)' has the type \(type); F32, F64, I64 and U8 can be read"
    case .shapeTooLarge(let tensor): "the shape of tensor '\(tensor)' is too large"
    case .wrongSize(let tensor, let needed, let begin, let end):
      "the tensor '\(tensor)' needs \(needed) bytes, but its offsets are \(begin) to \(end)"
    case .misplaced(let tensor, let begin, let expected):
      "the tensor '\(tensor)' begins at offset \(begin) instead of \(expected)"
    case .truncated(let needed, let found): "is truncated: the tensors need \(needed) bytes, and \(found) are there"
    case .trailingBytes(let count): "has \(count) bytes behind the last tensor"
    case .missingTensor(let name): "has no tensor '\(name)'"
    case .wrongShape(let tensor, let expected, let found):
      "the tensor '\(tensor)' has the shape \(found) instead of \(expected)"
    case .notFinite(let tensor, let index, let value):
      "the tensor '\(tensor)' holds \(value) at index \(index): weights must be finite numbers"
    case .wrongType(let tensor, let expected, let found):
      "the tensor '\(tensor)' has the type \(found) instead of \(expected)"
    case .unknownMetadata(let key, let value, let known):
      "its metadata give '\(value)' as \(key), which this version does not know: it knows \(known.joined(separator: ", "))"
    }
  }
}
