/// A zlib stream (RFC 1950) of one block with DEFLATE's fixed codes (RFC 1951, 3.2.6), in which only repetitions at two distances are
/// found: the byte a pixel before, and the byte a line before. Drawings have little else, and equal bytes give an equal stream
/// whatever library is installed.
struct RepeatCompression {
  /// The stream.
  private(set) var bytes: [UInt8] = [0x78, 0x01]
  private var buffer: UInt64 = 0
  private var bits = 0

  /// - Parameters:
  ///   - data: the bytes.
  ///   - distances: of the repetitions that are looked for, each 1 to 32,768; others are left out.
  init(_ data: [UInt8], distances: [Int]) {
    let distances = distances.filter { (1...32768).contains($0) }
    put(0b011, 3)
    var index = 0
    while index < data.count {
      let best = distances.map { (distance: $0, length: Self.length(data, at: index, distance: $0)) }
        .max { $0.length < $1.length }
      if let best, best.length >= 4 {
        put(length: best.length)
        put(distance: best.distance)
        index += best.length
      } else {
        put(symbol: Int(data[index]))
        index += 1
      }
    }
    put(symbol: 256)
    put(0, (8 - bits) & 7)
    let checksum = Self.adler32(data)
    bytes += stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: checksum >> UInt32($0)) }
  }

  /// How many bytes from `index` on are those `distance` before; at most 258.
  private static func length(_ data: [UInt8], at index: Int, distance: Int) -> Int {
    guard index >= distance else { return 0 }
    let most = min(258, data.count - index)
    var length = 0
    while length < most, data[index + length] == data[index + length - distance] { length += 1 }
    return length
  }

  /// The checksum of the bytes (RFC 1950, 9).
  static func adler32(_ data: [UInt8]) -> UInt32 {
    var (a, b) = (UInt32(1), UInt32(0))
    for byte in data {
      a = (a + UInt32(byte)) % 65521
      b = (b + a) % 65521
    }
    return b << 16 | a
  }

  /// Bits, the lowest first.
  private mutating func put(_ value: Int, _ count: Int) {
    buffer |= UInt64(value) << UInt64(bits)
    bits += count
    while bits >= 8 {
      bytes.append(UInt8(truncatingIfNeeded: buffer))
      buffer >>= 8
      bits -= 8
    }
  }

  /// A code, whose highest bit comes first.
  private mutating func put(code: Int, _ count: Int) {
    for bit in stride(from: count - 1, through: 0, by: -1) { put(code >> bit & 1, 1) }
  }

  private mutating func put(symbol: Int) {
    switch symbol {
    case 0..<144: put(code: 0x30 + symbol, 8)
    case 144..<256: put(code: 0x190 + symbol - 144, 9)
    case 256..<280: put(code: symbol - 256, 7)
    default: put(code: 0xC0 + symbol - 280, 8)
    }
  }

  /// A length of 4 to 258: the code's symbol, and how far the length is from the code's first.
  private mutating func put(length: Int) {
    guard length < 258 else { return put(symbol: 285) }
    let offset = length - 3
    guard offset >= 8 else { return put(symbol: 257 + offset) }
    // Four codes for each power of 2, of as many more bits.
    let extra = Int.bitWidth - 1 - offset.leadingZeroBitCount - 2
    put(symbol: 257 + 4 * extra + offset >> extra)
    put(offset & (1 << extra - 1), extra)
  }

  /// A distance of 1 to 32,768: two codes for each power of 2.
  private mutating func put(distance: Int) {
    let offset = distance - 1
    guard offset >= 4 else { return put(code: offset, 5) }
    let extra = Int.bitWidth - 1 - offset.leadingZeroBitCount - 1
    put(code: 2 * extra + offset >> extra, 5)
    put(offset & (1 << extra - 1), extra)
  }
}
