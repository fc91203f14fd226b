/// The checksum of TFRecord files: CRC-32C, that is with Castagnoli's polynomial, as iSCSI has it (RFC 3720, appendix B.4).
package enum CRC32C {
  /// The remainders of all bytes, for the polynomial 0x1EDC6F41 with its bits reversed.
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { remainder, _ in remainder >> 1 ^ (remainder & 1 == 1 ? 0x82F6_3B78 : 0) }
  }

  /// The checksum of the bytes.
  package static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { $0 >> 8 ^ table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] }
  }

  /// The checksum as it stands in a file. The checksum of bytes that hold their own checksum is no longer a good one, so that
  /// TensorFlow rotates it and adds a constant (tensorflow/core/lib/hash/crc32c.h).
  package static func masked(_ bytes: some Sequence<UInt8>) -> UInt32 {
    let checksum = checksum(bytes)
    return (checksum >> 15 | checksum << 17) &+ 0xA282_EAD8
  }
}
