// What `Layer` requires of a layer is documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import Kernels

/// Keras' `Rescaling`: y = x · scale + offset, rounded after the product and after the sum.
public struct Rescaling: Layer {
  public static let kerasName = "Rescaling"
  /// The factor of every number.
  public let scale: Double
  /// What is added to the product.
  public let offset: Double

  private static let range = -1e30...1e30

  /// A rescaling; `Rescaling(1.0 / 255)` brings an image's bytes to [0, 1].
  public init(_ scale: Double, offset: Double = 0) {
    precondition(Self.range.contains(scale) && Self.range.contains(offset), "a scale or an offset is out of range")
    self.scale = scale
    self.offset = offset
  }

  public init(_ configuration: inout LayerConfiguration) throws(ArchitectureError) {
    scale = try configuration.number("scale", default: .nan, in: Self.range)
    offset = try configuration.number("offset", default: 0, in: Self.range)
    guard !scale.isNaN else {
      throw ArchitectureError(layer: configuration.layer, "has no 'scale', which it must have")
    }
  }

  public var configuration: [String: ConfigurationValue] { ["scale": .number(scale), "offset": .number(offset)] }

  public func outputShape(_ input: Shape) -> Shape { input }

  public var reading: Reading { .asNext }

  public func operation(_ context: inout LayerContext) -> (any LayerOperation)? {
    let input = context.input
    return RescalingOperation(
      input: input, output: context.makeOutputLikeInput(), scale: Float(scale), offset: Float(offset))
  }
}

private struct RescalingOperation: LayerOperation {
  let input: Signal, output: Signal
  let scale: Float, offset: Float

  func forward() {
    rescale(input.values, by: scale, offset: offset, into: output.values, count: input.count)
  }

  func backward(into gradient: UnsafeMutablePointer<Float>) {
    guard let gradient = output.gradient else { return }
    rescale(gradient, by: scale, offset: 0, into: gradient, count: output.count)
  }
}
