// What `Layer` requires of a layer is documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// Keras' `Softmax`: y[c] = e^x[c] / Σ e^x[k] over the channels of every position.
public struct Softmax: Layer {
  public static let kerasName = "Softmax"
  /// The axis, as Keras counts it: -1 or the last.
  private let axis: Int

  private static let activation = Activation(.softmax)

  /// A softmax over the channels.
  public init() { axis = -1 }

  public init(_ configuration: inout LayerConfiguration) throws(ArchitectureError) { axis = try configuration.axis() }

  public var configuration: [String: ConfigurationValue] { ["axis": .integer(axis)] }

  public func outputShape(_ input: Shape) throws(ArchitectureError) -> Shape {
    try input.requireChannels(axis: axis)
    return input
  }

  public var lastActivation: ActivationFunction { .softmax }

  public var logits: [any Layer]? { [] }

  public var reading: Reading { Self.activation.reading }

  public func operation(_ context: inout LayerContext) -> (any LayerOperation)? { Self.activation.operation(&context) }
}
