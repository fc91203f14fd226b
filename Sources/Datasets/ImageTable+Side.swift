extension ImageTable {
  /// The side of the images that augmentation and corruption know.
  package static let side = ImageFormat.mnist.width
}
