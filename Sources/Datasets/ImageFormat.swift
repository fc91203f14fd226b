/// What the images of a data set are made of: bytes [height, width, channels], row-major, each image from its top left.
public struct ImageFormat: Codable, Hashable, Sendable {
  /// Rows and columns of pixels.
  public let height: Int, width: Int
  /// Bytes of a pixel: 1 for grayscale, 3 for red, green and blue.
  public let channels: Int

  /// A format of at least one pixel.
  public init(height: Int, width: Int, channels: Int = 1) {
    precondition(height > 0 && width > 0 && channels > 0, "an image has pixels")
    self.height = height
    self.width = width
    self.channels = channels
  }

  /// The bytes of an image.
  public var count: Int { height * width * channels }

  /// Sign Language MNIST, MNIST and Fashion-MNIST: grayscale, 28 x 28.
  public static let mnist = ImageFormat(height: 28, width: 28)
}

extension ImageFormat: CustomStringConvertible {
  /// `28 x 28 gray pixels`, or `64 x 48 pixels of 3 channels`.
  public var description: String {
    channels == 1 ? "\(height) x \(width) gray pixels" : "\(height) x \(width) pixels of \(channels) channels"
  }
}
