import Datasets
import ImageFiles
import Platform

/// The decoder of pictures. The input is a file, except that of a PNG the checksums are made right, which no fuzzer would find; a
/// PNG's pixels can also come uncompressed (`PNGText`). For any bytes:
///
/// 1. A picture has as many bytes as it says and at most as many as is promised; otherwise there is an error with a text.
/// 2. No image is made of a part: where a file ends with its last marker or chunk, the same file without its last byte is an error.
/// 3. An image of any format comes of a picture, of the format's size.
/// 4. The heap is asked for no more than what a sound file of as many bytes can need, whatever the file claims.
enum PictureTarget {
  /// Texts of errors, the libraries' fixed tables (libpng's and libjpeg's are some 100 KiB).
  private static let fixed = 1 << 20
  /// A byte of deflate data makes 1032 bytes of 8 pixels, a byte of JPEG 512 pixels; a pixel has 4 bytes and is copied and turned,
  /// and libjpeg keeps 6 bytes of coefficients.
  private static let perByte = 1032 * 8 * (4 + 3 + 3) / Allocations.perByte

  static func test(png input: [UInt8]) {
    test(PNGText.file(input), end: [0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82])
  }

  static func test(jpeg input: [UInt8]) { test(input, end: [0xFF, 0xD9]) }

  private static func test(_ file: [UInt8], end: [UInt8]) {
    let decoded = Allocations.limited(inputBytes: perByte * file.count, fixed: fixed, "decoding") {
      Result { () throws(PictureFault) in try Picture(decoding: file) }
    }
    switch decoded {
    case .failure(let fault): require(!"\(fault)".isEmpty, "an error without a text")
    case .success(let picture):
      let (w, h) = (picture.width, picture.height)
      require(w > 0 && h > 0 && w * h <= Picture.mostPixels, "\(w) x \(h) pixels")
      require(picture.pixels.count == w * h * picture.channels, "\(picture.pixels.count) bytes")
      if file.suffix(end.count).elementsEqual(end), file.count(of: end) == 1 {
        require((try? Picture(decoding: Array(file.dropLast()))) == nil, "decoded without its last byte")
      }
      if w * h <= 1 << 16 { fit(picture) }
    }
  }

  private static func fit(_ picture: Picture) {
    for (fit, channels) in zip(ImageFitting.Fit.allCases, [1, 3, 1, 3]) {
      let format = ImageFormat(height: 5, width: 7, channels: channels)
      let image = ImageFitting(format, fit: fit, invert: true).image(of: picture)
      require(image.count == format.count, "\(fit): \(image.count) bytes")
    }
  }
}

extension [UInt8] {
  /// How often bytes occur.
  fileprivate func count(of bytes: [UInt8]) -> Int {
    indices.count { self[$0] == bytes[0] && self[$0...].starts(with: bytes) }
  }
}

/// PNG files as a fuzzer can write them.
enum PNGText {
  private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  /// A file with right checksums: of one that begins as a PNG does; or of bytes that say width, height, bit depth, colour type,
  /// interlacing and the length of a palette, then give the palette, and then the rows' bytes, which are stored uncompressed.
  static func file(_ input: [UInt8]) -> [UInt8] {
    if input.starts(with: [0x89, 0x50]) || input.count < 6 { return checked(input) }
    let depth = UInt8(1) << (input[2] % 5)
    let header = [0, 0, 0, input[0], 0, 0, 0, input[1], depth, input[3] % 7, 0, 0, input[4] & 1]
    let palette = input.dropFirst(6).prefix(Int(input[5]))
    let rows = Array(input.dropFirst(6 + palette.count))
    var file = signature + chunk("IHDR", header)
    if !palette.isEmpty { file += chunk("PLTE", Array(palette)) }
    return checked(file + chunk("IDAT", stored(rows)) + chunk("IEND", []))
  }

  private static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
    bigEndian(UInt32(data.count)) + Array(type.utf8) + data + [0, 0, 0, 0]
  }

  /// A zlib stream of one stored block.
  private static func stored(_ data: [UInt8]) -> [UInt8] {
    let count = UInt16(truncatingIfNeeded: data.count)
    let (low, high) = (UInt8(count & 255), UInt8(count >> 8))
    var (a, b) = (UInt32(1), UInt32(0))
    for byte in data {
      a = (a + UInt32(byte)) % 65521
      b = (b + a) % 65521
    }
    return [0x78, 0x01, 1, low, high, ~low, ~high] + data + bigEndian(b << 16 | a)
  }

  /// The file with the right checksum in every chunk that is complete.
  private static func checked(_ input: [UInt8]) -> [UInt8] {
    var (file, position) = (input, 8)
    while position + 12 <= file.count {
      let length = file[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
      guard length <= file.count - position - 12 else { break }
      let end = position + 8 + length
      file.replaceSubrange(end..<end + 4, with: bigEndian(crc32(file[position + 4..<end])))
      position = end + 4
    }
    return file
  }

  private static func crc32(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { remainder, byte in
      (0..<8).reduce(remainder ^ UInt32(byte)) { value, _ in value >> 1 ^ (value & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
  }

  private static func bigEndian(_ number: UInt32) -> [UInt8] {
    stride(from: 24, through: 0, by: -8).map { UInt8(number >> UInt32($0) & 0xFF) }
  }
}
