import CImageCodecs
import Datasets
import Platform

extension Picture {
  /// The longest file that is read: a picture of the most pixels, 8 bytes each, and as much again.
  package static let mostBytes = 16 * mostPixels

  /// Decodes a PNG or JPEG file of any bit depth and colour type.
  ///
  /// - PNG: 16 bits become their high byte, as in Pillow, OpenCV and TensorFlow; transparent pixels are laid on white.
  /// - JPEG: gray or RGB. The inverse cosine transform is libjpeg's in integers, so the bits do not depend on the machine.
  /// - An orientation in EXIF data is applied.
  ///
  /// Sizes that a file claims are checked before anything of that size is allocated.
  public init(decoding bytes: [UInt8]) throws(PictureFault) {
    let decoder = try Self.decoder(for: bytes)
    let decoded = try decoder.decode(bytes)
    let channels = decoded.header.channels
    let opaque = channels % 2 == 0 ? Self.onWhite(decoded.pixels, channels: channels) : decoded.pixels
    let stored = Picture(
      width: decoded.header.width, height: decoded.header.height, channels: channels > 2 ? 3 : 1, pixels: opaque)
    self = stored.oriented(EXIF.orientation(in: bytes, decoder.kind))
  }

  /// The picture's shape as its file says: height and width, after an orientation, and 1 or 3 channels. No pixel is decoded.
  package static func shape(decoding bytes: [UInt8]) throws(PictureFault) -> ImageFormat {
    let decoder = try decoder(for: bytes)
    let header = try decoder.header(bytes)
    let isTurned = EXIF.orientation(in: bytes, decoder.kind) > 4
    return ImageFormat(
      height: isTurned ? header.width : header.height, width: isTurned ? header.height : header.width,
      channels: header.channels > 2 ? 3 : 1)
  }

  private static func decoder(for bytes: [UInt8]) throws(PictureFault) -> ImageDecoder {
    guard !bytes.isEmpty else { throw .empty }
    guard bytes.count <= mostBytes else { throw .tooLong(bytes: bytes.count) }
    let kind = FileKind(firstBytes: bytes)
    return switch kind {
    case .png: ImageDecoder(kind: .png, read: fsimage_read_png)
    case .jpeg: ImageDecoder(kind: .jpeg, read: fsimage_read_jpeg)
    default: throw .otherKind(kind)
    }
  }

  /// Pixels with alpha, laid on white: each channel becomes (c a + 255 (255 - a)) / 255, rounded to the nearest.
  private static func onWhite(_ pixels: [UInt8], channels: Int) -> [UInt8] {
    let colors = channels - 1
    var opaque: [UInt8] = []
    opaque.reserveCapacity(pixels.count / channels * colors)
    for pixel in stride(from: 0, to: pixels.count, by: channels) {
      let alpha = UInt32(pixels[pixel + colors])
      for channel in pixel..<pixel + colors {
        opaque.append(UInt8((UInt32(pixels[channel]) * alpha + 255 * (255 - alpha) + 127) / 255))
      }
    }
    return opaque
  }
}

/// One of the decoders of the C shim.
private struct ImageDecoder {
  typealias Read = (
    UnsafePointer<UInt8>?, Int, UnsafeMutablePointer<fsimage_header>?, UnsafeMutablePointer<UInt8>?, Int,
    UnsafeMutablePointer<CChar>?
  ) -> Int32

  /// What it decodes.
  let kind: FileKind
  let read: Read

  /// The size that a file claims, and its bytes per pixel.
  struct Header {
    let width: Int, height: Int, channels: Int
    let leastBytes: Int

    init(_ header: fsimage_header) {
      width = Int(header.width)
      height = Int(header.height)
      channels = Int(header.channels)
      leastBytes = Int(clamping: header.least_bytes)
    }
  }

  /// Reads the header, whose claims are checked.
  func header(_ bytes: [UInt8]) throws(PictureFault) -> Header {
    let header = try call(bytes, nil)
    guard header.width <= Picture.mostPixels / header.height else {
      throw .tooManyPixels(width: header.width, height: header.height)
    }
    guard header.leastBytes <= bytes.count else {
      throw .impossible(width: header.width, height: header.height, bytes: bytes.count)
    }
    return header
  }

  /// Reads the header, then all pixels.
  func decode(_ bytes: [UInt8]) throws(PictureFault) -> (header: Header, pixels: [UInt8]) {
    let header = try header(bytes)
    var outcome = Result<Header, PictureFault>.success(header)
    let size = header.width * header.height * header.channels
    let pixels = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      let target = UnsafeMutableBufferPointer(rebasing: buffer[..<size])
      outcome = Result { () throws(PictureFault) in try call(bytes, target) }
      if case .success = outcome { count = size }
    }
    _ = try outcome.get()
    return (header, pixels)
  }

  private func call(_ bytes: [UInt8], _ pixels: UnsafeMutableBufferPointer<UInt8>?) throws(PictureFault) -> Header {
    var header = fsimage_header()
    var message = [CChar](repeating: 0, count: 200)
    let status = bytes.withUnsafeBufferPointer { bytes in
      read(bytes.baseAddress, bytes.count, &header, pixels?.baseAddress, pixels?.count ?? 0, &message)
    }
    let text = String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    switch Int(status) {
    case FSIMAGE_OK: return Header(header)
    case FSIMAGE_UNSUPPORTED: throw .unsupported(kind, text)
    default: throw .damaged(kind, text)
    }
  }
}
