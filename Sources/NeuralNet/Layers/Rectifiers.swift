// What `Layer` requires of a layer is documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// Keras' `ReLU`: y = x where x > 0, else `negativeSlope` · x.
public struct ReLU: Layer {
  public static let kerasName = "ReLU"
  /// The slope below zero, at least 0.
  public let negativeSlope: Double

  /// A rectifier with that slope below zero, from 0 to 1e30.
  public init(negativeSlope: Double = 0) {
    precondition(slopes.contains(negativeSlope), "a slope below zero is not negative")
    self.negativeSlope = negativeSlope
  }

  public init(_ configuration: inout LayerConfiguration) throws(ArchitectureError) {
    negativeSlope = try configuration.number("negative_slope", default: 0, in: slopes)
    if let value = configuration.take("max_value") {
      throw ArchitectureError(layer: configuration.layer, "max_value = \(value) is not supported; None is")
    }
    if let value = configuration.take("threshold"), value.real != 0 {
      throw ArchitectureError(layer: configuration.layer, "threshold = \(value) is not supported; 0 is")
    }
  }

  public var configuration: [String: ConfigurationValue] { ["negative_slope": .number(negativeSlope)] }

  /// The activation function that it is.
  package var activation: Activation {
    negativeSlope == 0 ? Activation(.relu) : Activation(.leakyReLU, slope: negativeSlope)
  }

  public func outputShape(_ input: Shape) -> Shape { input }

  public var lastActivation: ActivationFunction { .relu }

  public var reading: Reading { activation.reading }

  public func operation(_ context: inout LayerContext) -> (any LayerOperation)? { activation.operation(&context) }
}

/// Keras' `LeakyReLU`: y = x where x > 0, else `negativeSlope` · x.
public struct LeakyReLU: Layer {
  public static let kerasName = "LeakyReLU"
  /// The slope below zero, at least 0.
  public let negativeSlope: Double

  /// A leaky rectifier with that slope below zero, from 0 to 1e30; Keras' default is 0.3.
  public init(negativeSlope: Double = 0.3) {
    precondition(slopes.contains(negativeSlope), "a slope below zero is not negative")
    self.negativeSlope = negativeSlope
  }

  public init(_ configuration: inout LayerConfiguration) throws(ArchitectureError) {
    // Keras 2 calls it alpha, which Keras 3 prefers where there are both.
    let slope = try configuration.number("negative_slope", default: 0.3, in: slopes)
    negativeSlope = try configuration.number("alpha", default: slope, in: slopes)
  }

  public var configuration: [String: ConfigurationValue] { ["negative_slope": .number(negativeSlope)] }

  /// The activation function that it is.
  package var activation: Activation { Activation(.leakyReLU, slope: negativeSlope) }

  public func outputShape(_ input: Shape) -> Shape { input }

  public var lastActivation: ActivationFunction { .leakyReLU }

  public var reading: Reading { activation.reading }

  public func operation(_ context: inout LayerContext) -> (any LayerOperation)? { activation.operation(&context) }
}

/// The slopes below zero: Keras has no negative ones.
private let slopes = 0...1e30
