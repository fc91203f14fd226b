/// How pictures of any size and colour become the images that a network takes.
///
/// Training, evaluation and prediction must do the same, so it belongs to a model: this value is stored with it. A picture that has
/// the format already, and is not to be inverted, stays as it is, byte for byte.
public struct ImageFitting: Codable, Hashable, Sendable {
  /// What is done with a picture of another shape.
  public enum Fit: String, Codable, Hashable, Sendable, CaseIterable {
    /// Cut off what is beyond the format's aspect ratio, equally on both sides.
    case crop
    /// Keep all of it, and fill the rest with the median of its outermost pixels.
    case pad
    /// Change its aspect ratio.
    case stretch
    /// Cut out what differs from the background, the median of the outermost pixels, with a margin, in the format's aspect ratio.
    case hand
  }

  /// The image that comes of it.
  public var format: ImageFormat
  /// What is done with a picture of another shape.
  public var fit: Fit
  /// Whether black becomes white and white black at the end: v becomes 255 - v.
  public var invert: Bool
  /// Of `Fit.hand`, the part of the image's side that the hand's longer side is to take, in 64ths: 1 to 64; nil for almost all of it.
  public var framing: Int?

  /// A fitting to a format; by default objects keep their shapes.
  public init(_ format: ImageFormat, fit: Fit = .crop, invert: Bool = false, framing: Int? = nil) {
    precondition(framing.map { (1...64).contains($0) } ?? true, "a hand takes 1 to 64 64ths")
    self.format = format
    self.fit = fit
    self.invert = invert
    self.framing = framing
  }
}
