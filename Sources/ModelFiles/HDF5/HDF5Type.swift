/// The type of an array's or an attribute's elements.
enum HDF5Type: Hashable {
  /// A floating-point number that is read, little-endian.
  case float(WeightType)
  /// Bytes without a meaning of their own, such as h5py's for bfloat16; with their number.
  case opaque(Int)
  /// A text of a fixed length in bytes.
  case text(Int)
  /// A text of any length, which the file's heap has.
  case heapText
  /// Anything else, in words; with its length in bytes.
  case other(String, bytes: Int)

  /// The type of a datatype message.
  init(_ message: HDF5Part) throws(HDF5Error) {
    var message = message
    let kind = try message.number(1) & 15
    let bits = try message.number(3)
    let size = try message.number(4)
    switch kind {
    case 0: self = .other("\(bits & 8 == 0 ? "U" : "I")\(8 * size)", bytes: size)
    case 1: self = try Self.float(message, bits, size) ?? .other("an unusual float", bytes: size)
    case 3: self = .text(size)
    case 5: self = .opaque(size)
    case 9 where bits & 15 == 1: self = .heapText
    default: self = .other("HDF5 class \(kind)", bytes: size)
    }
  }

  /// An IEEE 754 type or bfloat16, by the places of its parts.
  private static func float(_ message: HDF5Part, _ bits: Int, _ size: Int) throws(HDF5Error) -> HDF5Type? {
    var message = message
    try message.skip(4)
    let exponent = (try message.number(1), try message.number(1))
    let mantissa = (try message.number(1), try message.number(1))
    let bias = try message.number(4)
    // Little-endian, with the leading one implied.
    guard bits & 0x41 == 0, (bits >> 4) & 3 == 2 else { return nil }
    switch (size, exponent.0, exponent.1, mantissa.0, mantissa.1, bias) {
    case (8, 52, 11, 0, 52, 1023): return .float(.float64)
    case (4, 23, 8, 0, 23, 127): return .float(.float32)
    case (2, 10, 5, 0, 10, 15): return .float(.float16)
    case (2, 7, 8, 0, 7, 127): return .float(.bfloat16)
    default: return nil
    }
  }

  /// The length of an element in bytes; nil where it has none that matters here.
  var bytes: Int? {
    switch self {
    case .float(let type): type.bytes
    case .opaque(let bytes), .other(_, let bytes), .text(let bytes): bytes
    case .heapText: 16
    }
  }

  /// The name, in safetensors' words where it has one.
  var name: String {
    switch self {
    case .float(let type): type.rawValue
    case .opaque: "opaque"
    case .text, .heapText: "text"
    case .other(let name, _): name
    }
  }
}

/// The extents of a dataspace message; nil where it holds nothing.
func hdf5Shape(_ message: HDF5Part) throws(HDF5Error) -> [Int]? {
  var message = message
  let version = try message.number(1)
  guard version == 1 || version == 2 else { throw .damaged("a dataspace has version \(version)") }
  let rank = try message.number(1)
  try message.skip(1)
  if version == 2, try message.number(1) == 2 { return nil }
  if version == 1 { try message.skip(5) }
  guard rank <= 32 else { throw .damaged("an array has \(rank) dimensions") }
  var shape: [Int] = []
  var count = 1
  for _ in 0..<rank {
    let extent = try message.number(8)
    let product = count.multipliedReportingOverflow(by: max(1, extent))
    guard extent >= 0, !product.overflow, product.partialValue <= Int.max / 16 else {
      throw .damaged("the shape of an array is too large")
    }
    count = product.partialValue
    shape.append(extent)
  }
  return shape
}
