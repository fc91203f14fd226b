/// A named array of numbers, row-major.
public struct Tensor: Hashable, Sendable {
  /// The name, such as `lstm/kernel`.
  public var name: String
  /// The extents; empty for a scalar.
  public private(set) var shape: [Int]
  /// The elements in row-major order; their number is the product of the extents.
  public private(set) var values: TensorValues

  /// A tensor of any type; the number of values must match the shape.
  public init(name: String, shape: [Int], values: TensorValues) {
    precondition(
      shape.reduce(1, *) == values.count, "\(name): the shape \(shape) does not have \(values.count) elements")
    self.name = name
    self.shape = shape
    self.values = values
  }

  /// A tensor in single precision.
  public init(name: String, shape: [Int], values: [Float]) {
    self.init(name: name, shape: shape, values: .float32(values))
  }
}

/// The elements of a tensor, by type.
public enum TensorValues: Hashable, Sendable {
  /// Single precision, `F32`.
  case float32([Float])
  /// Double precision, `F64`.
  case float64([Double])
  /// Signed 64-bit integers, `I64`.
  case int64([Int64])
  /// Bytes, `U8`.
  case uint8([UInt8])

  /// The number of elements.
  public var count: Int {
    switch self {
    case .float32(let values): values.count
    case .float64(let values): values.count
    case .int64(let values): values.count
    case .uint8(let values): values.count
    }
  }

  /// The format's name of the type.
  public var typeName: String { type.rawValue }

  var type: TensorType {
    switch self {
    case .float32: .float32
    case .float64: .float64
    case .int64: .int64
    case .uint8: .uint8
    }
  }
}

/// The element types that can be read and written, with the format's names.
enum TensorType: String {
  case float32 = "F32"
  case float64 = "F64"
  case int64 = "I64"
  case uint8 = "U8"

  /// The size of an element in bytes.
  var size: Int {
    switch self {
    case .float32: 4
    case .float64, .int64: 8
    case .uint8: 1
    }
  }
}
