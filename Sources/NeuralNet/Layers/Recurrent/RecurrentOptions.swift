// What `Layer` requires of a layer is documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// The options that Keras' recurrent layers share.
public struct RecurrentOptions: Hashable, Sendable {
  package var units: Int
  /// Whether the output is that of every time step, not only the last.
  package var returnSequences = false
  /// Whether time runs from the last step to the first; the output is then in that order too.
  package var goBackwards = false
  /// The rates of dropout for the input and for the state.
  var dropout = 0.0, recurrentDropout = 0.0
  package var useBias = true
  var kernelInitializer = Initializer.glorotUniform
  var recurrentInitializer = Initializer.orthogonal(gain: 1)
  var biasInitializer = Initializer.zeros

  /// Options with Keras' initializers.
  init(
    units: Int, returnSequences: Bool, goBackwards: Bool, dropout: Double, recurrentDropout: Double, useBias: Bool
  ) {
    self.units = units
    self.returnSequences = returnSequences
    self.goBackwards = goBackwards
    self.dropout = dropout
    self.recurrentDropout = recurrentDropout
    self.useBias = useBias
  }

  init(_ configuration: inout LayerConfiguration) throws(ArchitectureError) {
    units = try configuration.integer("units")
    try configuration.require("activation", .string("tanh"))
    try configuration.require("recurrent_activation", .string("sigmoid"))
    try configuration.require("stateful", .bool(false), because: "samples are independent of one another")
    try configuration.require("return_state", .bool(false))
    returnSequences = try configuration.flag("return_sequences", default: false)
    goBackwards = try configuration.flag("go_backwards", default: false)
    dropout = try configuration.rate("dropout")
    recurrentDropout = try configuration.rate("recurrent_dropout")
    useBias = try configuration.flag("use_bias", default: true)
    kernelInitializer = try configuration.initializer("kernel_initializer", default: kernelInitializer)
    recurrentInitializer = try configuration.initializer("recurrent_initializer", default: recurrentInitializer)
    biasInitializer = try configuration.initializer("bias_initializer", default: biasInitializer)
  }

  var configuration: [String: ConfigurationValue] {
    [
      "units": .integer(units), "activation": .string("tanh"), "recurrent_activation": .string("sigmoid"),
      "return_sequences": .bool(returnSequences), "go_backwards": .bool(goBackwards), "dropout": .number(dropout),
      "recurrent_dropout": .number(recurrentDropout), "use_bias": .bool(useBias),
      "kernel_initializer": kernelInitializer.configuration,
      "recurrent_initializer": recurrentInitializer.configuration,
      "bias_initializer": biasInitializer.configuration,
    ]
  }

  func outputShape(_ input: Shape) throws(ArchitectureError) -> Shape {
    guard input.rank == 2 else {
      throw ArchitectureError(
        "needs an input [steps, channels], but its input is \(input); "
          + (input.rank == 1 ? "return the sequences of the layer before" : "reshape it"))
    }
    return returnSequences ? [input.positions, units] : [units]
  }

  /// The products of all gates with input and state, for all time steps.
  func multiplyAccumulates(_ input: Shape, gates: Int) -> Int {
    input.positions * gates * units * (input.channels + units)
  }

  /// The products of all gates' gradients with the transposes of the recurrent kernels, for all time steps but the first.
  func multiplyAccumulatesThroughTime(_ input: Shape, gates: Int) -> Int {
    (input.positions - 1) * gates * units * units
  }
}

/// A recurrent layer: one that `Bidirectional` can wrap.
public protocol RecurrentLayer: Layer {
  /// The options that all recurrent layers have.
  var options: RecurrentOptions { get set }
  /// Lays out the recurrence over the context's input.
  ///
  /// - Parameters:
  ///   - prefix: what the weights' names begin with, within the layer: empty, or `forward/`.
  ///   - reversed: whether time runs from the last position to the first.
  func recurrence(_ context: inout LayerContext, prefix: String, reversed: Bool) -> any Recurrence
}

extension RecurrentLayer {
  public func outputShape(_ input: Shape) throws(ArchitectureError) -> Shape { try options.outputShape(input) }

  /// Input masks are multiplied in whole vectors.
  public var reading: Reading { options.dropout > 0 ? .padded : .any }

  public func operation(_ context: inout LayerContext) -> (any LayerOperation)? {
    RecurrentOperation(
      options, recurrence(&context, prefix: "", reversed: options.goBackwards), &context)
  }
}

/// A recurrence over the time steps of a block of samples, with its buffers.
public protocol Recurrence {
  /// The state after each time step, [T, B, units], in the places of the input's positions.
  var outputs: UnsafeMutablePointer<Float> { get }
  /// Takes new parameters, a flat buffer in the network's layout.
  func pack(_ parameters: UnsafePointer<Float>)
  /// Computes `outputs` from the input.
  func forward()
  /// Backpropagation through time.
  ///
  /// - Parameters:
  ///   - outputGradients: with respect to the state after every time step, in the places of `outputs`; nil if only the last
  ///     is used.
  ///   - lastOutputGradient: with respect to the state after the last step, [B, units]; nil if `outputGradients` is given.
  ///   - gradient: the flat gradient.
  ///   - accumulates: whether the gradient with respect to the input is added to what is there.
  func backward(
    outputGradients: UnsafePointer<Float>?, lastOutputGradient: UnsafePointer<Float>?,
    into gradient: UnsafeMutablePointer<Float>, accumulates: Bool
  )
}
