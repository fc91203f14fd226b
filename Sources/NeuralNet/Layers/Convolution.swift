// What `Layer` requires of a layer is documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import Kernels

/// Keras' `Conv1D`: y[t] = f(bias + Σ x[t · stride + k] kernel[k]) over the time steps.
public struct Conv1D: Layer, Convolution {
  public static let kerasName = "Conv1D"
  package let options: ConvolutionOptions

  /// A convolution over time steps, with Keras' initializers.
  public init(
    _ filters: Int, kernelSize: Int, strides: Int = 1, padding: Padding = .valid,
    activation: ActivationFunction = .linear, useBias: Bool = true
  ) {
    options = ConvolutionOptions(
      filters: filters, kernelSize: [kernelSize], strides: [strides], padding: padding, activation: activation,
      useBias: useBias)
  }

  public init(_ configuration: inout LayerConfiguration) throws(ArchitectureError) {
    options = try ConvolutionOptions(&configuration, rank: 1)
  }
}

/// Keras' `Conv2D`: a convolution over the rows and columns of an image.
public struct Conv2D: Layer, Convolution {
  public static let kerasName = "Conv2D"
  package let options: ConvolutionOptions

  /// A convolution over rows and columns, with Keras' initializers.
  public init(
    _ filters: Int, kernelSize: (Int, Int), strides: (Int, Int) = (1, 1), padding: Padding = .valid,
    activation: ActivationFunction = .linear, useBias: Bool = true
  ) {
    options = ConvolutionOptions(
      filters: filters, kernelSize: [kernelSize.0, kernelSize.1], strides: [strides.0, strides.1], padding: padding,
      activation: activation, useBias: useBias)
  }

  /// A convolution with a square window.
  public init(
    _ filters: Int, kernelSize: Int, strides: Int = 1, padding: Padding = .valid,
    activation: ActivationFunction = .linear, useBias: Bool = true
  ) {
    self.init(
      filters, kernelSize: (kernelSize, kernelSize), strides: (strides, strides), padding: padding,
      activation: activation, useBias: useBias)
  }

  public init(_ configuration: inout LayerConfiguration) throws(ArchitectureError) {
    options = try ConvolutionOptions(&configuration, rank: 2)
  }
}

/// The options of a convolution, whatever its dimensions.
package struct ConvolutionOptions: Hashable, Sendable {
  package var filters: Int
  package var kernelSize: [Int], strides: [Int]
  package var padding: Padding
  package var activation: ActivationFunction
  package var useBias: Bool
  var kernelInitializer = Initializer.glorotUniform, biasInitializer = Initializer.zeros

  init(
    filters: Int, kernelSize: [Int], strides: [Int], padding: Padding, activation: ActivationFunction, useBias: Bool
  ) {
    self.filters = filters
    self.kernelSize = kernelSize
    self.strides = strides
    self.padding = padding
    self.activation = activation
    self.useBias = useBias
  }

  init(_ configuration: inout LayerConfiguration, rank: Int) throws(ArchitectureError) {
    try configuration.require("data_format", .string("channels_last"))
    try configuration.require("dilation_rate", .integer(1))
    try configuration.require("groups", .integer(1))
    self.init(
      filters: try configuration.integer("filters"), kernelSize: try configuration.integers("kernel_size", rank: rank),
      strides: try configuration.integers("strides", rank: rank, default: Array(repeating: 1, count: rank)),
      padding: try configuration.choice("padding", default: .valid),
      activation: try configuration.choice("activation", default: .linear),
      useBias: try configuration.flag("use_bias", default: true))
    kernelInitializer = try configuration.initializer("kernel_initializer", default: kernelInitializer)
    biasInitializer = try configuration.initializer("bias_initializer", default: biasInitializer)
  }
}

/// What the convolutions have in common.
package protocol Convolution: Layer {
  var options: ConvolutionOptions { get }
}

extension Convolution {
  public var configuration: [String: ConfigurationValue] {
    [
      "filters": .integer(options.filters), "kernel_size": .array(options.kernelSize.map { .integer($0) }),
      "strides": .array(options.strides.map { .integer($0) }), "padding": .string(options.padding.rawValue),
      "activation": .string(options.activation.rawValue), "use_bias": .bool(options.useBias),
      "kernel_initializer": options.kernelInitializer.configuration,
      "bias_initializer": options.biasInitializer.configuration,
    ]
  }

  /// Where the windows over an input lie.
  package func windows(_ input: Shape) throws(ArchitectureError) -> Windows {
    try Windows(input, size: options.kernelSize, strides: options.strides, padding: options.padding)
  }

  public func outputShape(_ input: Shape) throws(ArchitectureError) -> Shape {
    Shape(try windows(input).output + [options.filters])
  }

  public func weights(_ input: Shape) -> [Weight] {
    [Weight("kernel", options.kernelSize + [input.channels, options.filters], options.kernelInitializer)]
      + (options.useBias ? [Weight("bias", [options.filters], options.biasInitializer)] : [])
  }

  public func multiplyAccumulates(_ input: Shape) -> Int {
    guard let windows = try? windows(input) else { return 0 }
    return windows.positions * windows.taps * input.channels * options.filters
  }

  public var logits: [any Layer]? { nil }

  public var reading: Reading { .any }

  public func operation(_ context: inout LayerContext) -> (any LayerOperation)? {
    guard let windows = try? windows(context.input.shape) else { return nil }
    return ConvolutionOperation(options, windows, &context)
  }
}

/// A convolution as products that read the input where it lies, by a table of where the taps of each position begin.
///
/// The gradient's sums over a sample's positions, and then over the samples, are in order.
private struct ConvolutionOperation: LayerOperation {
  /// With fewer channels, each channel of a tap counts as a tap of its own.
  private static let manyChannels = 8

  private let input: Signal, output: Signal
  private let activation: ActivationFunction
  private let applied: AppliedActivation
  private let kernel: PackedMatrix
  /// The transposed kernel of each tap; empty where the input has no gradient.
  private let transposed: [PackedMatrix]
  private let kernelGradient: WeightGradient
  private let bias: BiasVector
  private let kernelOffset: Int
  /// The convolution, and the same for the gradient with respect to the input.
  private let shape: ConvolutionShape, backwardShape: ConvolutionShape

  init(_ options: ConvolutionOptions, _ windows: Windows, _ context: inout LayerContext) {
    let (workspace, filters, input) = (context.workspace, options.filters, context.input)
    self.input = input
    let outputShape = Shape(windows.output + [filters])
    activation = options.activation
    output = activation == .relu ? context.makeRectifiedOutput(outputShape) : context.makeOutput(outputShape)
    applied = AppliedActivation(activation, to: output, context)
    let depth = windows.taps * input.channels
    kernel = PackedMatrix(rows: depth, columns: filters, workspace: workspace)
    kernelGradient = WeightGradient(rows: depth, columns: filters, workspace: workspace)
    bias = BiasVector(filters, offset: context.offset("bias"), workspace: workspace)
    kernelOffset = context.tensors[0].offset
    let needsInputGradient = input.gradient != nil
    transposed = (0..<(needsInputGradient ? windows.taps : 0)).map { _ in
      PackedMatrix(rows: filters, columns: input.channels, workspace: workspace)
    }
    let places = TapPlaces(windows, input, workspace)
    let isWide = input.channels >= Self.manyChannels
    shape = places.shape(of: output, channelsAreTaps: !isWide)
    backwardShape = isWide || !needsInputGradient ? shape : places.shape(of: output, channelsAreTaps: false)
  }

  func pack(_ parameters: UnsafePointer<Float>) {
    let source = parameters + kernelOffset
    kernel.pack(source, stride: kernel.columns)
    for (tap, matrix) in transposed.enumerated() {
      matrix.packTransposed(source + tap * input.channels * kernel.columns, stride: kernel.columns)
    }
    bias.pack(parameters)
  }

  func forward() {
    let floor: Float = activation == .relu ? 0 : -.infinity
    convolve(shape, input.values, kernel.values, bias: bias.values, floor: floor, into: output.values)
    if activation != .relu { applied.forward() }
  }

  func backward(into gradient: UnsafeMutablePointer<Float>) {
    if !output.isRectified { applied.backward() }
    let dy = output.requiredGradient
    kernelGradient.write(to: gradient + kernelOffset, stride: kernel.columns) { target, stride in
      convolutionGradients(shape, input.values, dy, into: target, stride: stride, bias: bias.sums)
    }
    bias.finish(into: gradient)
    guard let dx = input.gradient else { return }
    dx.update(repeating: 0, count: input.count)
    for (tap, matrix) in transposed.enumerated().reversed() {
      convolveBackward(
        backwardShape, tap: tap, filters: matrix.rows, columns: padded(matrix.columns), dy, matrix.values, addingTo: dx)
    }
  }
}

/// Where the taps of a convolution's windows lie in its input, with a position of zeros for those outside.
private struct TapPlaces {
  private let windows: Windows
  private let input: Signal
  private let workspace: Workspace
  /// Where the zeros begin, from the input's first number on.
  private let outside: Int

  init(_ windows: Windows, _ input: Signal, _ workspace: Workspace) {
    self.windows = windows
    self.input = input
    self.workspace = workspace
    outside = UnsafePointer(workspace.take(input.block)) - UnsafePointer(input.values)
  }

  /// The shape of the products. With `channelsAreTaps`, every channel of a tap is a tap of one channel.
  func shape(of output: Signal, channelsAreTaps: Bool) -> ConvolutionShape {
    let pieces = channelsAreTaps ? input.channels : 1
    var table: [Int] = []
    table.reserveCapacity(windows.positions * windows.taps * pieces)
    for position in windows.table {
      let begin = position < 0 ? outside : Int(position) * input.block
      for piece in 0..<pieces { table.append(begin + piece) }
    }
    return ConvolutionShape(
      positions: output.positions, taps: windows.taps * pieces, samples: input.samples,
      channels: input.channels / pieces, columns: padded(output.channels), inputStride: input.stride,
      outputStride: output.stride, table: workspace.take(table), outside: outside)
  }
}
