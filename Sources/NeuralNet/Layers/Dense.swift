// What `Layer` requires of a layer is documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import Kernels

/// Keras' `Dense`: y = f(x kernel + bias) over the channels of every position.
public struct Dense: Layer {
  public static let kerasName = "Dense"
  /// The channels of the output.
  public let units: Int
  /// The function f.
  public let activation: ActivationFunction
  /// Whether there is a bias.
  public let useBias: Bool
  let kernelInitializer: Initializer, biasInitializer: Initializer

  /// A dense layer with Keras' initializers.
  public init(_ units: Int, activation: ActivationFunction = .linear, useBias: Bool = true) {
    self.init(units, activation, useBias, .glorotUniform, .zeros)
  }

  private init(
    _ units: Int, _ activation: ActivationFunction, _ useBias: Bool, _ kernel: Initializer, _ bias: Initializer
  ) {
    self.units = units
    self.activation = activation
    self.useBias = useBias
    kernelInitializer = kernel
    biasInitializer = bias
  }

  public init(_ configuration: inout LayerConfiguration) throws(ArchitectureError) {
    self.init(
      try configuration.integer("units"), try configuration.choice("activation", default: .linear),
      try configuration.flag("use_bias", default: true),
      try configuration.initializer("kernel_initializer", default: .glorotUniform),
      try configuration.initializer("bias_initializer", default: .zeros))
  }

  public var configuration: [String: ConfigurationValue] {
    [
      "units": .integer(units), "activation": .string(activation.rawValue), "use_bias": .bool(useBias),
      "kernel_initializer": kernelInitializer.configuration, "bias_initializer": biasInitializer.configuration,
    ]
  }

  public func outputShape(_ input: Shape) -> Shape { Shape(input.dimensions.dropLast() + [units]) }

  public func weights(_ input: Shape) -> [Weight] {
    [Weight("kernel", [input.channels, units], kernelInitializer)]
      + (useBias ? [Weight("bias", [units], biasInitializer)] : [])
  }

  public func multiplyAccumulates(_ input: Shape) -> Int { input.count * units }

  public var lastActivation: ActivationFunction { activation }

  public var logits: [any Layer]? {
    activation == .softmax ? [Dense(units, .linear, useBias, kernelInitializer, biasInitializer)] : nil
  }

  public var reading: Reading { .any }

  public func operation(_ context: inout LayerContext) -> (any LayerOperation)? {
    DenseOperation(self, &context)
  }
}

private struct DenseOperation: LayerOperation {
  let input: Signal, output: Signal
  let activation: AppliedActivation
  let kernel: PackedMatrix
  let transposed: PackedMatrix?
  let kernelGradient: WeightGradient
  let bias: BiasVector
  let kernelOffset: Int

  init(_ layer: Dense, _ context: inout LayerContext) {
    let (workspace, channels) = (context.workspace, context.input.channels)
    input = context.input
    output = context.makeOutput(layer.outputShape(input.shape))
    activation = AppliedActivation(layer.activation, to: output, context)
    kernel = PackedMatrix(rows: channels, columns: layer.units, workspace: workspace)
    transposed = input.gradient.map { _ in PackedMatrix(rows: layer.units, columns: channels, workspace: workspace) }
    kernelGradient = WeightGradient(rows: channels, columns: layer.units, workspace: workspace)
    bias = BiasVector(layer.units, offset: context.offset("bias"), workspace: workspace)
    kernelOffset = context.tensors[0].offset
  }

  func pack(_ parameters: UnsafePointer<Float>) {
    kernel.pack(parameters + kernelOffset, stride: kernel.columns)
    transposed?.packTransposed(parameters + kernelOffset, stride: kernel.columns)
    bias.pack(parameters)
  }

  func forward() {
    let shape = kernel.product(count: input.rows, rowStride: input.stride, cStride: output.stride)
    multiply(shape, input.values, kernel.values, bias: bias.values, into: output.values)
    activation.forward()
  }

  func backward(into gradient: UnsafeMutablePointer<Float>) {
    activation.backward()
    let dy = output.requiredGradient
    kernelGradient.write(to: gradient + kernelOffset, stride: kernel.columns) { target, stride in
      let shape = kernelGradient.product(
        depth: input.rows, aStride: input.stride, bStride: output.stride, cStride: stride)
      multiply(shape, input.values, dy, into: target)
    }
    bias.sum(dy, rows: output.rows, stride: output.stride, into: gradient)
    guard let transposed, let dx = input.gradient else { return }
    let shape = transposed.product(count: output.rows, rowStride: output.stride, cStride: input.stride)
    multiply(shape, dy, transposed.values, into: dx)
  }
}
