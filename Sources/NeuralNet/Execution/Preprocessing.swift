import Kernels

/// How an image's bytes become the network's input. Training, evaluation and prediction must use the same preprocessing.
public enum Preprocessing: String, Codable, CaseIterable, Sendable {
  /// Each pixel divided by 255, as in the original Keras program.
  case unit
  /// Each image standardised to mean 0 and standard deviation 1, which removes most of the effect of lighting and camera.
  case standardized
  /// The bytes as they are, 0 ... 255: for a network that begins with a `Rescaling` of its own.
  case raw

  /// Writes the `count` input values of an image, one row after the other.
  func apply(
    _ pixels: UnsafePointer<UInt8>, count: Int, into output: UnsafeMutablePointer<Float>, _ rows: SampleRows
  ) {
    switch self {
    case .unit: pixelsToUnit(pixels, into: output, count: count, rows)
    case .standardized: standardizeImage(pixels, into: output, count: count, rows)
    case .raw: pixelsRaw(pixels, into: output, count: count, rows)
    }
  }
}
