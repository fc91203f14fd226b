/// The shape of an image: bytes [height, width, channels] in row-major order, from its top left.
public struct ImageShape: Hashable, Sendable {
  /// Rows and columns of pixels.
  public let height: Int, width: Int
  /// Bytes of a pixel: 1 for grayscale, 3 for red, green and blue.
  public let channels: Int

  /// The most pixels that the image kernels take, 2,097,152 (1448 x 1448): they compute with pixel numbers in single precision.
  public static let maximumPixels = 1 << 21

  /// A shape of at least one pixel and at most `maximumPixels`.
  public init(height: Int, width: Int, channels: Int = 1) {
    precondition(height > 0 && width > 0 && channels > 0, "an image has pixels")
    precondition(
      max(height, width) <= Self.maximumPixels && height * width <= Self.maximumPixels, "the image has too many pixels")
    self.height = height
    self.width = width
    self.channels = channels
  }

  /// The number of pixels.
  public var pixels: Int { height &* width }

  /// The number of bytes.
  public var count: Int { pixels &* channels }
}
