// What `Layer` requires of a layer is documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import Kernels

/// Keras' `Dropout`: in training, each number is dropped with probability `rate`, and the others are multiplied by
/// 1 / (1 - rate) (Srivastava et al., 2014).
public struct Dropout: Layer {
  public static let kerasName = "Dropout"
  /// The probability, from 0 to below 1.
  public let rate: Double

  /// Dropout with that rate, from 0 to below 1.
  public init(_ rate: Double) {
    precondition((0..<1).contains(rate), "a rate of dropout is from 0 to below 1")
    self.rate = rate
  }

  public init(_ configuration: inout LayerConfiguration) throws(ArchitectureError) {
    rate = try configuration.rate("rate")
  }

  public var configuration: [String: ConfigurationValue] { ["rate": .number(rate)] }

  public func outputShape(_ input: Shape) -> Shape { input }

  public var reading: Reading { .asNext }

  public func operation(_ context: inout LayerContext) -> (any LayerOperation)? {
    let input = context.input
    let mask = context.mask(
      "output", rate: rate, positions: input.positions, channels: input.channels, stride: input.stride)
    guard let mask else { return nil }
    return DropoutOperation(input: input, output: context.makeOutputLikeInput(), mask: mask)
  }
}

private struct DropoutOperation: LayerOperation {
  let input: Signal, output: Signal
  let mask: DropoutMask

  func forward() {
    multiplyElements(input.values, mask.values, into: output.values, count: input.count)
  }

  func backward(into gradient: UnsafeMutablePointer<Float>) {
    guard let gradient = output.gradient else { return }
    multiplyElements(gradient, mask.values, into: gradient, count: output.count)
  }
}
