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

/// A convolution as matrix products: the windows of a sample become the rows of a matrix ("im2col"), a block of output
/// positions at a time, so that they stay in the cache.
///
/// Sums over a sample's positions, and then over the samples, are in order: blocks do not change a bit.
private struct ConvolutionOperation: LayerOperation {
  /// The size of a block's windows: half of a second-level cache of 256 kB.
  private static let blockNumbers = 32_768

  let input: Signal, output: Signal
  let activation: AppliedActivation
  let windows: Windows
  let table: UnsafePointer<Int32>
  let kernel: PackedMatrix
  let transposed: PackedMatrix?
  let kernelGradient: WeightGradient
  let bias: BiasVector
  let kernelOffset: Int
  /// The windows of a block, [positions, taps · channels], and the gradient with respect to them.
  let rows: UnsafeMutablePointer<Float>
  let rowGradient: UnsafeMutablePointer<Float>?
  let blockPositions: Int

  init(_ options: ConvolutionOptions, _ windows: Windows, _ context: inout LayerContext) {
    let workspace = context.workspace
    self.windows = windows
    input = context.input
    output = context.makeOutput(Shape(windows.output + [options.filters]))
    activation = AppliedActivation(options.activation, to: output, context)
    table = context.integers(windows.table)
    let depth = windows.taps * input.channels
    kernel = PackedMatrix(rows: depth, columns: options.filters, workspace: workspace)
    kernelGradient = WeightGradient(rows: depth, columns: options.filters, workspace: workspace)
    bias = BiasVector(options.filters, offset: context.offset("bias"), workspace: workspace)
    kernelOffset = context.tensors[0].offset
    blockPositions = min(windows.positions, max(8, Self.blockNumbers / depth / 8 * 8))
    rows = workspace.take(blockPositions * depth)
    let hasGradient = input.gradient != nil
    transposed = hasGradient ? PackedMatrix(rows: options.filters, columns: depth, workspace: workspace) : nil
    rowGradient = hasGradient ? workspace.take(blockPositions * padded(depth)) : nil
  }

  func pack(_ parameters: UnsafePointer<Float>) {
    kernel.pack(parameters + kernelOffset, stride: kernel.columns)
    transposed?.packTransposed(parameters + kernelOffset, stride: kernel.columns)
    bias.pack(parameters)
  }

  /// Calls `body` for every block of positions of every sample, in order, with the place of its first output row; `rows`
  /// then has the block's windows.
  private func forEachBlock(_ body: (_ sample: Int, _ positions: Range<Int>, _ outputAt: Int) -> Void) {
    for sample in 0..<input.samples {
      for first in stride(from: 0, to: windows.positions, by: blockPositions) {
        let positions = first..<min(first + blockPositions, windows.positions)
        gatherWindows(
          table + first * windows.taps, positions: positions.count, taps: windows.taps,
          input.values + sample * input.stride, stride: input.block, channels: input.channels, into: rows)
        body(sample, positions, (first * output.samples + sample) * output.stride)
      }
    }
  }

  func forward() {
    forEachBlock { _, positions, at in
      let shape = kernel.product(count: positions.count, rowStride: kernel.rows, cStride: output.block)
      multiply(shape, rows, kernel.values, bias: bias.values, into: output.values + at)
    }
    activation.forward()
  }

  func backward(into gradient: UnsafeMutablePointer<Float>) {
    activation.backward()
    let dy = output.requiredGradient
    input.gradient?.update(repeating: 0, count: input.count)
    kernelGradient.write(to: gradient + kernelOffset, stride: kernel.columns) { target, stride in
      forEachBlock { sample, positions, at in
        let begins = sample == 0 && positions.lowerBound == 0
        let shape = kernelGradient.product(
          depth: positions.count, aStride: kernel.rows, bStride: output.block, cStride: stride)
        if begins {
          multiply(shape, rows, dy + at, into: target)
        } else {
          multiplyAccumulating(shape, rows, dy + at, into: target)
        }
        bias.add(dy + at, rows: positions.count, stride: output.block, begins: begins)
        addInputGradient(dy + at, positions, sample)
      }
    }
    bias.finish(into: gradient)
  }

  private func addInputGradient(_ dy: UnsafePointer<Float>, _ positions: Range<Int>, _ sample: Int) {
    guard let transposed, let rowGradient, let dx = input.gradient else { return }
    let width = padded(kernel.rows)
    let shape = transposed.product(count: positions.count, rowStride: output.block, cStride: width)
    multiply(shape, dy, transposed.values, into: rowGradient)
    scatterWindows(
      table + positions.lowerBound * windows.taps, positions: positions.count, taps: windows.taps, rowGradient,
      rowStride: width, channels: input.channels, into: dx + sample * input.stride, stride: input.block)
  }
}
