import FoundationEssentials

/// A safetensors file, read into double precision: the length of the header, the header in JSON, the bytes of the tensors.
///
/// Only what the golden files need: F32 and F64. Independent of the product's own reader, which is under test itself.
struct TensorFile {
  private let url: URL
  private let values: [String: [Double]]

  /// Reads the whole file.
  init(_ url: URL) throws {
    let data = try Data(contentsOf: url)
    guard data.count >= 8 else { throw TensorFileError("\(url.path): \(data.count) bytes are too few for a header") }
    let length = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    guard data.count - 8 >= length else { throw TensorFileError("\(url.path): the header ends after the file") }
    let header = try JSONDecoder().decode(Header.self, from: data.dropFirst(8).prefix(length))
    let body = [UInt8](data.dropFirst(8 + length))
    self.url = url
    values = try header.entries.mapValues { entry in
      guard let values = entry.values(in: body) else {
        throw TensorFileError(
          "\(url.path): a tensor of \(entry) does not fit in \(body.count) bytes, or is not F32 or F64")
      }
      return values
    }
  }

  /// The tensor `name`, flat.
  subscript(name: String) -> [Double] {
    get throws {
      guard let tensor = values[name] else { throw TensorFileError("\(url.path) has no tensor \(name)") }
      return tensor
    }
  }

  /// The tensor `name`, flat, or nothing if there is none.
  func find(_ name: String) -> [Double]? { values[name] }

  /// Every parameter tensor stored as `role/NAME`, by NAME: all twelve, each of its right size.
  func tensors(under role: String) throws -> [String: [Double]] {
    var tensors: [String: [Double]] = [:]
    for tensor in Goldens.layout {
      let values = try self["\(role)/\(tensor.name)"]
      guard values.count == tensor.count else {
        throw TensorFileError("\(url.path): \(role)/\(tensor.name) has \(values.count) values, not \(tensor.count)")
      }
      tensors[tensor.name] = values
    }
    return tensors
  }
}

/// A golden file that is not what it should be; make_goldens.py makes it again.
struct TensorFileError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// The JSON header: one entry per tensor, and free metadata under `__metadata__`.
private struct Header: Decodable {
  var entries: [String: Entry] = [:]

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Name.self)
    for name in container.allKeys where name.stringValue != "__metadata__" {
      entries[name.stringValue] = try container.decode(Entry.self, forKey: name)
    }
  }

  struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}

/// Where a tensor lies in the bytes after the header.
private struct Entry: Decodable {
  let dtype: String
  let shape: [Int]
  let dataOffsets: [Int]

  enum CodingKeys: String, CodingKey {
    case dtype, shape
    case dataOffsets = "data_offsets"
  }

  /// The tensor's values, or nothing if type, shape and place do not agree.
  func values(in body: [UInt8]) -> [Double]? {
    let count = shape.reduce(1, *)
    let width = ["F32": 4, "F64": 8][dtype] ?? 0
    guard width > 0, dataOffsets.count == 2, dataOffsets[0] >= 0, dataOffsets[1] <= body.count,
      dataOffsets[1] - dataOffsets[0] == count * width
    else { return nil }
    return body.withUnsafeBytes { bytes in
      (0..<count).map { i in
        let offset = dataOffsets[0] + i * width
        if width == 4 {
          let bits = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
          return Double(Float(bitPattern: bits))
        }
        return Double(bitPattern: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
      }
    }
  }
}
