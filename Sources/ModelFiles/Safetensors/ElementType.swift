/// All element types of safetensors, by the format's names, with their sizes. `TensorType` has those that this program
/// can hold in memory unconverted.
enum ElementType {
  private static let bits: [String: Int] = [
    "F64": 64, "I64": 64, "U64": 64, "C64": 64, "F32": 32, "I32": 32, "U32": 32, "F16": 16, "BF16": 16, "I16": 16,
    "U16": 16,
    "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8, "I8": 8, "U8": 8, "BOOL": 8, "F6_E2M3": 6, "F6_E3M2": 6, "F4": 4,
  ]

  /// The size in bytes of `elements` elements; nil if the type is unknown, the size is not a whole number of bytes, or it
  /// overflows.
  static func byteCount(_ type: String, elements: Int) -> Int? {
    guard let bits = bits[type] else { return nil }
    let (product, overflow) = elements.multipliedReportingOverflow(by: bits)
    return overflow || product % 8 != 0 ? nil : product / 8
  }

  /// Whether the format defines the type.
  static func isKnown(_ type: String) -> Bool { bits[type] != nil }
}

/// The floating-point types of weights that can be read, and their conversion to single precision.
enum WeightType: String, CaseIterable {
  case float64 = "F64"
  case float32 = "F32"
  case float16 = "F16"
  case bfloat16 = "BF16"

  /// The length of a number in bytes.
  var bytes: Int {
    switch self {
    case .float64: 8
    case .float32: 4
    case .float16, .bfloat16: 2
    }
  }

  /// Decodes little-endian bytes to single precision. Doubles are rounded to nearest; values out of range become
  /// infinite.
  func floats(_ bytes: [UInt8]) -> [Float] {
    func converted<Raw: FixedWidthInteger>(_ raw: Raw.Type, _ value: (Raw) -> Float) -> [Float] {
      bytes.withUnsafeBytes { buffer in
        (0..<buffer.count / MemoryLayout<Raw>.size).map {
          value(Raw(littleEndian: buffer.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Raw>.size, as: Raw.self)))
        }
      }
    }
    return switch self {
    case .float64: converted(UInt64.self) { Float(Double(bitPattern: $0)) }
    case .float32: converted(UInt32.self) { Float(bitPattern: $0) }
    case .float16: converted(UInt16.self) { Self.half($0) }
    case .bfloat16: converted(UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
    }
  }

  /// Converts from IEEE 754 binary16: 5 bits of exponent, 10 bits of significand.
  private static func half(_ bits: UInt16) -> Float {
    let (sign, exponent, fraction) = (UInt32(bits >> 15) << 31, Int(bits >> 10 & 31), UInt32(bits & 0x3FF))
    switch exponent {
    case 0: return Float(bitPattern: sign | (Float(fraction) * 0x1p-24).bitPattern)
    case 31: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    default: return Float(bitPattern: sign | UInt32(exponent + 112) << 23 | fraction << 13)
    }
  }
}
