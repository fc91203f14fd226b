import Datasets

/// An image as a PNG file (ISO/IEC 15948): 8-bit gray or RGB.
public struct PNGImage: Sendable {
  /// The file.
  public let bytes: [UInt8]

  /// The pixels of an image of one or three channels, line by line, as a file; of others the first channel.
  ///
  /// - Parameter isDrawing: whether to compress what a drawing has, areas of one color; photographs are not compressed.
  public init(_ image: [UInt8], _ format: ImageFormat, isDrawing: Bool = false) {
    precondition(image.count == format.count, "the pixels make whole lines")
    let isColored = format.channels == 3
    let bytes = isColored ? image : stride(from: 0, to: image.count, by: format.channels).map { image[$0] }
    let width = isColored ? 3 * format.width : format.width
    // Each line of pixels follows a byte that names its filter: none.
    let lines = (0..<format.height).flatMap { [0] + bytes[$0 * width..<($0 + 1) * width] }
    let size = Self.bigEndian(UInt32(format.width)) + Self.bigEndian(UInt32(format.height))
    let stream =
      isDrawing
      ? RepeatCompression(lines, distances: [isColored ? 3 : 1, width + 1]).bytes : Self.zlib(lines)
    self.bytes = Self.file(size: size, colorType: isColored ? 2 : 0, stream)
  }

  private static func file(size: [UInt8], colorType: UInt8, _ stream: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    // Bit depth 8, gray or RGB, and the only methods of compression, filtering and interlacing.
    bytes += piece("IHDR", size + [8, colorType, 0, 0, 0])
    bytes += piece("IDAT", stream)
    bytes += piece("IEND", [])
    return bytes
  }

  private static func piece(_ type: String, _ data: [UInt8]) -> [UInt8] {
    let checked = Array(type.utf8) + data
    return bigEndian(UInt32(data.count)) + checked + bigEndian(crc32(checked))
  }

  /// A zlib stream (RFC 1950) of stored blocks, which hold up to 65,535 bytes each.
  private static func zlib(_ data: [UInt8]) -> [UInt8] {
    let littleEndian = { (number: UInt16) in [UInt8(number & 0xFF), UInt8(number >> 8)] }
    var stream: [UInt8] = [0x78, 0x01]
    for start in stride(from: 0, to: data.count, by: 65535) {
      let block = data[start..<min(start + 65535, data.count)]
      let length = UInt16(block.count)
      stream.append(block.endIndex == data.count ? 1 : 0)
      stream += littleEndian(length) + littleEndian(~length) + block
    }
    return stream + bigEndian(RepeatCompression.adler32(data))
  }

  private static func bigEndian(_ number: UInt32) -> [UInt8] {
    stride(from: 24, through: 0, by: -8).map { UInt8(number >> UInt32($0) & 0xFF) }
  }

  private static func crc32(_ data: [UInt8]) -> UInt32 {
    var remainder = ~UInt32(0)
    for byte in data {
      remainder ^= UInt32(byte)
      for _ in 0..<8 { remainder = remainder >> 1 ^ (remainder & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
    return ~remainder
  }
}
