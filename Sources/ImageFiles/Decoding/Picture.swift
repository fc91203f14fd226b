/// A decoded picture: bytes [height, width, channels], row-major from the top left; one channel for gray, three for red, green and
/// blue. Their values are those of the file (sRGB for almost every picture); colour profiles and gamma are not applied.
public struct Picture: Hashable, Sendable {
  /// The most pixels of a picture, 2^26: a square of 8,192.
  public static let mostPixels = 1 << 26

  /// Columns and rows of pixels.
  public let width: Int, height: Int
  /// 1 for gray, 3 for red, green and blue.
  public let channels: Int
  /// The pixels.
  public let pixels: [UInt8]

  /// A picture of these pixels.
  public init(width: Int, height: Int, channels: Int, pixels: [UInt8]) {
    precondition(width > 0 && height > 0 && (channels == 1 || channels == 3), "a picture is gray or RGB")
    precondition(pixels.count == width * height * channels, "a picture has as many bytes as it says")
    self.width = width
    self.height = height
    self.channels = channels
    self.pixels = pixels
  }
}

extension Picture {
  /// The picture in gray: its luma by ITU-R BT.601, 0.299 R + 0.587 G + 0.114 B.
  ///
  /// In whole numbers, (19595 R + 38470 G + 7471 B + 32768) / 65536 rounded down, as Pillow computes it: the same on every machine,
  /// and exactly v where R = G = B = v.
  public var gray: Picture {
    guard channels == 3 else { return self }
    let gray = [UInt8](unsafeUninitializedCapacity: width * height) { gray, count in
      pixels.withUnsafeBufferPointer { pixels in
        for index in 0..<gray.count {
          let (r, g, b) = (pixels[3 * index], pixels[3 * index + 1], pixels[3 * index + 2])
          let sum = 19595 * UInt32(r) &+ 38470 * UInt32(g) &+ 7471 * UInt32(b) &+ 32768
          gray[index] = UInt8(truncatingIfNeeded: sum >> 16)
        }
      }
      count = gray.count
    }
    return Picture(width: width, height: height, channels: 1, pixels: gray)
  }

  /// The picture in three channels; of a gray one they are equal.
  public var rgb: Picture {
    guard channels == 1 else { return self }
    return Picture(width: width, height: height, channels: 3, pixels: pixels.flatMap { [$0, $0, $0] })
  }
}
