import CZlib

/// Files as other tools write them: gzip, zip, IDX and NumPy's arrays.
enum Packed {
  /// A gzip file; or, with `bits` of -15, a DEFLATE stream alone.
  static func deflated(_ bytes: [UInt8], bits: Int32 = 15 + 16) -> [UInt8] {
    var stream = z_stream()
    deflateInit2_(&stream, 6, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    defer { deflateEnd(&stream) }
    var input = bytes
    return [UInt8](unsafeUninitializedCapacity: bytes.count + 1024) { output, count in
      input.withUnsafeMutableBufferPointer { input in
        stream.next_in = input.baseAddress
        stream.avail_in = UInt32(input.count)
        stream.next_out = output.baseAddress
        stream.avail_out = UInt32(output.count)
        deflate(&stream, Z_FINISH)
        count = output.count - Int(stream.avail_out)
      }
    }
  }

  /// A zip archive, whose members may be changed before they are written.
  static func zip(
    _ members: [(name: String, bytes: [UInt8])], isDeflated: Bool = true, claiming size: Int? = nil, flags: Int = 0,
    method: Int? = nil
  ) -> [UInt8] {
    var (file, directory): ([UInt8], [UInt8]) = ([], [])
    for (name, bytes) in members {
      let data = isDeflated ? deflated(bytes, bits: -15) : bytes
      let common =
        number(20, 2) + number(flags, 2) + number(method ?? (isDeflated ? 8 : 0), 2) + number(0, 4)
        + number(Int(crc32_z(0, bytes, bytes.count)), 4) + number(data.count, 4) + number(size ?? bytes.count, 4)
        + number(name.utf8.count, 2) + number(0, 2)
      directory +=
        number(0x0201_4B50, 4) + number(20, 2) + common + number(0, 10) + number(file.count, 4) + Array(name.utf8)
      file += number(0x0403_4B50, 4) + common + Array(name.utf8) + data
    }
    let end =
      number(0x0605_4B50, 4) + number(0, 4) + number(members.count, 2) + number(members.count, 2)
      + number(directory.count, 4) + number(file.count, 4) + number(0, 2)
    return file + directory + end
  }

  /// An IDX file of numbers of one byte.
  static func idx(_ shape: [Int], _ numbers: [UInt8], type: UInt8 = 8) -> [UInt8] {
    [0, 0, type, UInt8(shape.count)] + shape.flatMap { number($0, 4).reversed() } + numbers
  }

  /// A NumPy array.
  static func npy(
    _ shape: String, _ numbers: [UInt8], descr: String = "|u1", version: UInt8 = 1, order: String = "False"
  )
    -> [UInt8]
  {
    let text = Array("{'descr': '\(descr)', 'fortran_order': \(order), 'shape': (\(shape)), }\n".utf8)
    return [0x93] + Array("NUMPY".utf8) + [version, 0] + number(text.count, version == 1 ? 2 : 4) + text + numbers
  }

  static func number(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { $0 < 8 ? UInt8(truncatingIfNeeded: value >> (8 * $0)) : 0 }
  }
}
