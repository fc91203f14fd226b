import Kernels

/// What the normalizations have in common: the axis, the smallest variance, and a factor gamma and a summand beta for each
/// channel.
package struct NormalizationOptions: Hashable, Sendable {
  /// The axis, as Keras counts it: -1 or the last.
  var axis = -1
  /// What is added to the variance.
  package var epsilon: Double
  /// Whether there are beta and gamma.
  package var center: Bool, scale: Bool
  var betaInitializer = Initializer.zeros, gammaInitializer = Initializer.ones

  /// An epsilon of 0 would make NaN of the rows without a sample in a short block.
  static let epsilons = 1e-12...1.0

  init(epsilon: Double, center: Bool, scale: Bool) {
    precondition(Self.epsilons.contains(epsilon), "an epsilon is from 1e-12 to 1")
    self.epsilon = epsilon
    self.center = center
    self.scale = scale
  }

  init(_ configuration: inout LayerConfiguration) throws(ArchitectureError) {
    axis = try configuration.axis()
    epsilon = try configuration.number("epsilon", default: 0.001, in: Self.epsilons)
    center = try configuration.flag("center", default: true)
    scale = try configuration.flag("scale", default: true)
    betaInitializer = try configuration.initializer("beta_initializer", default: betaInitializer)
    gammaInitializer = try configuration.initializer("gamma_initializer", default: gammaInitializer)
  }

  var configuration: [String: ConfigurationValue] {
    [
      "axis": .integer(axis), "epsilon": .number(epsilon), "center": .bool(center), "scale": .bool(scale),
      "beta_initializer": betaInitializer.configuration, "gamma_initializer": gammaInitializer.configuration,
    ]
  }

  /// The weights, in Keras' order.
  func weights(_ channels: Int) -> [Weight] {
    (scale ? [Weight("gamma", [channels], gammaInitializer)] : [])
      + (center ? [Weight("beta", [channels], betaInitializer)] : [])
  }
}

/// The weights of a normalization in whole vectors, ones and zeros where it has none, and the sums of their gradients.
struct NormalizationWeights {
  let gamma: UnsafeMutablePointer<Float>, beta: UnsafeMutablePointer<Float>
  /// What `finish` writes into the flat gradient.
  let gammaSums: UnsafeMutablePointer<Float>, betaSums: UnsafeMutablePointer<Float>
  private let channels: Int
  private let gammaOffset: Int?, betaOffset: Int?

  init(_ channels: Int, _ context: LayerContext) {
    let workspace = context.workspace
    self.channels = channels
    gamma = workspace.take(channels)
    beta = workspace.take(channels)
    gammaSums = workspace.take(channels)
    betaSums = workspace.take(channels)
    gammaOffset = context.offset("gamma")
    betaOffset = context.offset("beta")
    gamma.update(repeating: 1, count: channels)
  }

  func pack(_ parameters: UnsafePointer<Float>) {
    if let gammaOffset { gamma.update(from: parameters + gammaOffset, count: channels) }
    if let betaOffset { beta.update(from: parameters + betaOffset, count: channels) }
  }

  func finish(into gradient: UnsafeMutablePointer<Float>) {
    if let gammaOffset { (gradient + gammaOffset).update(from: gammaSums, count: channels) }
    if let betaOffset { (gradient + betaOffset).update(from: betaSums, count: channels) }
  }
}
