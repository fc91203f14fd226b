/// A layer of a network as a value, with the semantics and names of Keras 3.
///
/// A layer is one file: it says what shape it makes of its input, which weights it has and how they begin, what its
/// Keras configuration is, and makes the operation that computes it. `LayerTable` lists all of them.
public protocol Layer: Sendable {
  /// The name of Keras' class, e.g. `Conv1D`.
  static var kerasName: String { get }

  /// The layer of a Keras configuration. Throws an error that names what it does not support.
  init(_ configuration: inout LayerConfiguration) throws(ArchitectureError)

  /// The Keras configuration that makes this layer again, without its name.
  var configuration: [String: ConfigurationValue] { get }

  /// The shape of the output for an input of that shape. Throws where the layer cannot have such an input.
  func outputShape(_ input: Shape) throws(ArchitectureError) -> Shape

  /// The weights, in Keras' order; none by default.
  func weights(_ input: Shape) -> [Weight]

  /// The multiply-accumulates of its matrix products for one sample, forward; none by default. The gradient with respect to
  /// the weights takes as many, and so does that with respect to the input.
  func multiplyAccumulates(_ input: Shape) -> Int

  /// Those of the products that carry gradients from one time step to the one before, for one sample; none by default. The
  /// gradient with respect to the weights needs them too, and that with respect to the input no more of them.
  func multiplyAccumulatesThroughTime(_ input: Shape) -> Int

  /// Lays out the layer's buffers and returns what computes it; nil where the output is the input.
  func operation(_ context: inout LayerContext) -> (any LayerOperation)?

  /// The activation function that the layer ends in; none by default.
  var lastActivation: ActivationFunction { get }

  /// The layers that compute the logits, for a layer that ends in a softmax; nil for any other.
  var logits: [any Layer]? { get }

  /// How it reads its input.
  var reading: Reading { get }
}

/// How a layer reads the channels of its input.
public enum Reading: Sendable {
  /// In whole vectors of 16: rows of other lengths are padded.
  case padded
  /// One after the other: rows of any length.
  case any
  /// As the layer after it: it works on each number alone.
  case asNext
}

extension Layer {
  /// No weights.
  public func weights(_ input: Shape) -> [Weight] { [] }
  /// No products.
  public func multiplyAccumulates(_ input: Shape) -> Int { 0 }
  /// None.
  public func multiplyAccumulatesThroughTime(_ input: Shape) -> Int { 0 }
  /// None.
  public var lastActivation: ActivationFunction { .linear }
  /// It does not end in a softmax.
  public var logits: [any Layer]? { nil }
  /// In whole vectors.
  public var reading: Reading { .padded }
}

/// A weight of a layer: its Keras name, its shape, and how it begins.
public struct Weight: Sendable, Equatable {
  /// The name within the layer, e.g. `recurrent_kernel`.
  public let name: String
  /// The shape, row-major.
  public let shape: [Int]
  /// The values it begins with.
  public let initializer: Initializer

  /// A weight.
  public init(_ name: String, _ shape: [Int], _ initializer: Initializer) {
    self.name = name
    self.shape = shape
    self.initializer = initializer
  }
}
