// What `Layer` requires of a layer is documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import Kernels

/// Keras' `LayerNormalization` over the channels of every position (Ba et al., 2016), [..., C] to [..., C]:
///
///     y[c] = (x[c] - mean) / √(variance + epsilon) · gamma[c] + beta[c]
///
/// with the mean Σ x[c] / C and the variance Σ (x[c] - mean)² / C of the position.
public struct LayerNormalization: Layer {
  public static let kerasName = "LayerNormalization"
  package let options: NormalizationOptions

  /// A normalization with Keras' initializers: ones for gamma, zeros for beta.
  ///
  /// - Parameters:
  ///   - epsilon: what is added to the variance, from 1e-12 to 1.
  ///   - center: whether there is a beta.
  ///   - scale: whether there is a gamma.
  public init(epsilon: Double = 0.001, center: Bool = true, scale: Bool = true) {
    options = NormalizationOptions(epsilon: epsilon, center: center, scale: scale)
  }

  public init(_ configuration: inout LayerConfiguration) throws(ArchitectureError) {
    try configuration.require("rms_scaling", .bool(false))
    options = try NormalizationOptions(&configuration)
  }

  public var configuration: [String: ConfigurationValue] { options.configuration }

  public func outputShape(_ input: Shape) throws(ArchitectureError) -> Shape {
    try input.requireChannels(axis: options.axis)
    return input
  }

  public func weights(_ input: Shape) -> [Weight] { options.weights(input.channels) }

  public func operation(_ context: inout LayerContext) -> (any LayerOperation)? {
    LayerNormalizationOperation(options, &context)
  }
}

private struct LayerNormalizationOperation: LayerOperation {
  let input: Signal, output: Signal
  let epsilon: Float
  let rows: NormalizedRows
  let weights: NormalizationWeights

  init(_ options: NormalizationOptions, _ context: inout LayerContext) {
    let workspace = context.workspace
    input = context.input
    output = context.makeOutput(input.shape)
    epsilon = Float(options.epsilon)
    rows = NormalizedRows(
      rows: input.rows, channels: input.channels, stride: input.stride, means: workspace.take(input.rows),
      inverses: workspace.take(input.rows))
    weights = NormalizationWeights(input.channels, context)
  }

  func pack(_ parameters: UnsafePointer<Float>) { weights.pack(parameters) }

  func forward() {
    normalizeRows(
      rows, input.values, gamma: weights.gamma, beta: weights.beta, epsilon: epsilon, into: output.values)
  }

  func backward(into gradient: UnsafeMutablePointer<Float>) {
    guard let dy = output.gradient else { return }
    normalizedRowsGammaGradient(rows, dy, input: input.values, into: weights.gammaSums)
    sumRows(dy, count: output.rows, columns: output.stride, into: weights.betaSums)
    weights.finish(into: gradient)
    if let dx = input.gradient {
      normalizeRowsBackward(rows, dy, input: input.values, gamma: weights.gamma, into: dx)
    }
  }
}
