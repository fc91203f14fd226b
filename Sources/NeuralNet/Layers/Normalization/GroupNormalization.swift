// What `Layer` requires of a layer is documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import Kernels

/// Keras' `GroupNormalization` (Wu and He, 2018), [..., C] to [..., C]: each group of consecutive channels of a sample is
/// normalized over all positions,
///
///     y = (x - mean) / √(variance + epsilon) · gamma[c] + beta[c].
public struct GroupNormalization: Layer {
  public static let kerasName = "GroupNormalization"
  /// The number of groups; -1 for one of each channel.
  public let groups: Int
  package let options: NormalizationOptions

  private static let limit = 1 << 20

  /// A normalization with Keras' initializers: ones for gamma, zeros for beta.
  ///
  /// - Parameters:
  ///   - groups: the number of groups, a divisor of the number of channels; -1 for one of each channel.
  ///   - epsilon: what is added to the variance, from 1e-12 to 1.
  ///   - center: whether there is a beta.
  ///   - scale: whether there is a gamma.
  public init(groups: Int = 32, epsilon: Double = 0.001, center: Bool = true, scale: Bool = true) {
    precondition(groups == -1 || (1...Self.limit).contains(groups), "the number of groups is positive, or -1")
    self.groups = groups
    options = NormalizationOptions(epsilon: epsilon, center: center, scale: scale)
  }

  public init(_ configuration: inout LayerConfiguration) throws(ArchitectureError) {
    groups = try configuration.integer("groups", default: 32, in: -1...Self.limit)
    guard groups != 0 else {
      throw ArchitectureError(
        layer: configuration.layer, "groups = 0 is not supported; a positive whole number is, and -1 for all channels")
    }
    options = try NormalizationOptions(&configuration)
  }

  public var configuration: [String: ConfigurationValue] {
    options.configuration.merging(["groups": .integer(groups)]) { $1 }
  }

  public func outputShape(_ input: Shape) throws(ArchitectureError) -> Shape {
    try input.requireChannels(axis: options.axis)
    guard groups == -1 || input.channels.isMultiple(of: groups) else {
      throw ArchitectureError(
        "groups = \(groups) does not divide the \(input.channels) channels of its input; choose a divisor")
    }
    return input
  }

  public func weights(_ input: Shape) -> [Weight] { options.weights(input.channels) }

  public func operation(_ context: inout LayerContext) -> (any LayerOperation)? {
    GroupNormalizationOperation(self, &context)
  }
}

/// Sample after sample: a sample's rows are the positions, a block apart.
private struct GroupNormalizationOperation: LayerOperation {
  let input: Signal, output: Signal
  let epsilon: Float
  let groups: [NormalizedGroups]
  let weights: NormalizationWeights
  /// The samples' shares of the gradients by gamma and beta, [samples, channels].
  let gammaShares: UnsafeMutablePointer<Float>, betaShares: UnsafeMutablePointer<Float>

  init(_ layer: GroupNormalization, _ context: inout LayerContext) {
    let workspace = context.workspace
    let input = context.input
    self.input = input
    output = context.makeOutput(input.shape)
    epsilon = Float(layer.options.epsilon)
    groups = (0..<input.samples).map { _ in
      NormalizedGroups(
        positions: input.positions, channels: input.channels,
        size: layer.groups == -1 ? 1 : input.channels / layer.groups, stride: input.block,
        means: workspace.take(input.stride), inverses: workspace.take(input.stride))
    }
    weights = NormalizationWeights(input.channels, context)
    gammaShares = workspace.take(input.block)
    betaShares = workspace.take(input.block)
  }

  func pack(_ parameters: UnsafePointer<Float>) { weights.pack(parameters) }

  func forward() {
    for (sample, shape) in groups.enumerated() {
      let at = sample * input.stride
      normalizeGroups(
        shape, input.values + at, gamma: weights.gamma, beta: weights.beta, epsilon: epsilon, into: output.values + at)
    }
  }

  func backward(into gradient: UnsafeMutablePointer<Float>) {
    guard let dy = output.gradient else { return }
    for (sample, shape) in groups.enumerated() {
      let at = sample * input.stride
      normalizedGroupSums(
        shape, dy + at, input: input.values + at, betaSums: betaShares + at, gammaSums: gammaShares + at)
    }
    sumRows(gammaShares, count: input.samples, columns: input.stride, into: weights.gammaSums)
    sumRows(betaShares, count: input.samples, columns: input.stride, into: weights.betaSums)
    weights.finish(into: gradient)
    guard let dx = input.gradient else { return }
    for (sample, shape) in groups.enumerated() {
      let at = sample * input.stride
      normalizeGroupsBackward(
        shape, dy + at, input: input.values + at, gamma: weights.gamma, betaSums: betaShares + at,
        gammaSums: gammaShares + at, into: dx + at)
    }
  }
}
