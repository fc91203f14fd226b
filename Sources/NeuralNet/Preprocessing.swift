import Kernels

/// How an image's 784 bytes become the network's input. Training, evaluation and prediction must do it alike.
public enum Preprocessing: String, Codable, CaseIterable, Sendable {
  /// Each pixel divided by 255, as the original program does.
  case unit
  /// Each image brought to mean 0 and standard deviation 1: what the light and the camera add then matters little.
  case standardized

  /// Writes the 784 numbers of an image.
  func apply(_ pixels: UnsafePointer<UInt8>, into output: UnsafeMutablePointer<Float>) {
    switch self {
    case .unit: pixelsToUnit(pixels, into: output, count: NetworkDefinition.pixels)
    case .standardized: standardizeImage(pixels, into: output)
    }
  }
}
