import ModelFiles
import Foundation

/// A safetensors header as Foundation's JSON decoder reads it: what the reader is compared with.
struct PlainHeader {
  private struct Tensor: Decodable {
    var dtype: String
    var shape: [Int]
    var data_offsets: [Int]
  }

  private struct Contents: Decodable {
    var metadata: [String: String]?
    var tensors: [String: Tensor] = [:]

    private struct Name: CodingKey {
      var stringValue: String
      var intValue: Int? { nil }
      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Name.self)
      for name in container.allKeys {
        if name.stringValue == "__metadata__" {
          metadata = try container.decode([String: String].self, forKey: name)
        } else {
          tensors[name.stringValue] = try container.decode(Tensor.self, forKey: name)
        }
      }
    }
  }

  private let contents: Contents
  /// Where the data begins.
  private let begin: Int

  /// Reads the header of a file that the reader has accepted.
  init(of bytes: [UInt8]) {
    begin = 8 + bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    do {
      contents = try JSONDecoder().decode(Contents.self, from: Data(bytes[8..<begin]))
    } catch {
      fatalError("the reader takes for a header what is none: \(error)")
    }
  }

  func compare(with file: TensorFile, _ bytes: [UInt8]) {
    require(file.metadata == contents.metadata ?? [:], "the metadata is \(contents.metadata ?? [:])")
    require(file.tensors.count == contents.tensors.count, "the header has \(contents.tensors.count) tensors")
    for tensor in file.tensors {
      guard let expected = contents.tensors[tensor.name] else { fatalError("no tensor has the name '\(tensor.name)'") }
      require(tensor.values.typeName == expected.dtype, "'\(tensor.name)' has the type \(expected.dtype)")
      require(tensor.shape == expected.shape, "'\(tensor.name)' has the shape \(expected.shape)")
      let bytesOfTensor = begin + expected.data_offsets[0]..<begin + expected.data_offsets[1]
      require(tensor.values.bytes[...] == bytes[bytesOfTensor], "'\(tensor.name)' has the bytes \(bytesOfTensor)")
    }
  }
}
