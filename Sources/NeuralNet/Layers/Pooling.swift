// What `Layer` requires of a layer is documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import Kernels

/// Keras' `MaxPooling1D`.
public struct MaxPooling1D: Layer, Pooling {
  public static let kerasName = "MaxPooling1D"
  package static let kind = PoolingKind(computes: .maximum, rank: 1)
  package let options: PoolingOptions

  /// The largest of `size` time steps; by default, windows do not overlap.
  public init(_ size: Int, strides: Int? = nil, padding: Padding = .valid) {
    options = PoolingOptions([size], strides: strides.map { [$0] }, padding)
  }

  public init(_ configuration: inout LayerConfiguration) throws(ArchitectureError) {
    options = try PoolingOptions(&configuration, rank: 1)
  }
}

/// Keras' `MaxPooling2D`.
public struct MaxPooling2D: Layer, Pooling {
  public static let kerasName = "MaxPooling2D"
  package static let kind = PoolingKind(computes: .maximum, rank: 2)
  package let options: PoolingOptions

  /// The largest of a square of pixels; by default, windows do not overlap.
  public init(_ size: Int, strides: Int? = nil, padding: Padding = .valid) {
    options = PoolingOptions([size, size], strides: strides.map { [$0, $0] }, padding)
  }

  public init(_ configuration: inout LayerConfiguration) throws(ArchitectureError) {
    options = try PoolingOptions(&configuration, rank: 2)
  }
}

/// Keras' `AveragePooling1D`.
public struct AveragePooling1D: Layer, Pooling {
  public static let kerasName = "AveragePooling1D"
  package static let kind = PoolingKind(computes: .mean, rank: 1)
  package let options: PoolingOptions

  /// The mean of `size` time steps; by default, windows do not overlap.
  public init(_ size: Int, strides: Int? = nil, padding: Padding = .valid) {
    options = PoolingOptions([size], strides: strides.map { [$0] }, padding)
  }

  public init(_ configuration: inout LayerConfiguration) throws(ArchitectureError) {
    options = try PoolingOptions(&configuration, rank: 1)
  }
}

/// Keras' `AveragePooling2D`.
public struct AveragePooling2D: Layer, Pooling {
  public static let kerasName = "AveragePooling2D"
  package static let kind = PoolingKind(computes: .mean, rank: 2)
  package let options: PoolingOptions

  /// The mean of a square of pixels; by default, windows do not overlap.
  public init(_ size: Int, strides: Int? = nil, padding: Padding = .valid) {
    options = PoolingOptions([size, size], strides: strides.map { [$0, $0] }, padding)
  }

  public init(_ configuration: inout LayerConfiguration) throws(ArchitectureError) {
    options = try PoolingOptions(&configuration, rank: 2)
  }
}

/// What a pooling computes, over how many dimensions.
package struct PoolingKind: Sendable {
  package enum Function: Sendable {
    case maximum
    /// The maximum, whose gradient equally large numbers share.
    case sharedMaximum
    case mean
  }

  package let computes: Function
  let rank: Int
}

/// The options of a pooling.
package struct PoolingOptions: Hashable, Sendable {
  package let size: [Int], strides: [Int]
  package let padding: Padding

  init(_ size: [Int], strides: [Int]?, _ padding: Padding) {
    self.size = size
    self.strides = strides ?? size
    self.padding = padding
  }

  init(_ configuration: inout LayerConfiguration, rank: Int) throws(ArchitectureError) {
    try configuration.require("data_format", .string("channels_last"))
    size = try configuration.integers("pool_size", rank: rank, default: Array(repeating: 2, count: rank))
    strides = try configuration.integers("strides", rank: rank, default: size)
    padding = try configuration.choice("padding", default: .valid)
  }
}

/// What the poolings with a window have in common.
package protocol Pooling: Layer {
  static var kind: PoolingKind { get }
  var options: PoolingOptions { get }
}

extension Pooling {
  public var configuration: [String: ConfigurationValue] {
    [
      "pool_size": .array(options.size.map { .integer($0) }), "strides": .array(options.strides.map { .integer($0) }),
      "padding": .string(options.padding.rawValue),
    ]
  }

  /// Where the windows over an input lie.
  package func windows(_ input: Shape) throws(ArchitectureError) -> Windows {
    try Windows(input, size: options.size, strides: options.strides, padding: options.padding)
  }

  public func outputShape(_ input: Shape) throws(ArchitectureError) -> Shape {
    Shape(try windows(input).output + [input.channels])
  }

  /// Whether its backward pass is also that of a ReLU at the end of the layer before it: a maximum's is, where windows share
  /// nothing.
  var takesRectifiedValues: Bool {
    Self.kind.computes == .maximum && zip(options.size, options.strides).allSatisfy { $0 <= $1 }
  }

  public func operation(_ context: inout LayerContext) -> (any LayerOperation)? {
    guard let windows = try? windows(context.input.shape) else { return nil }
    let output = Shape(windows.output + [context.input.channels])
    return PoolingOperation(windows, output, Self.kind.computes, &context)
  }
}

/// A pooling of all samples and channels of a position at once. A window's elements outside the input do not count.
struct PoolingOperation: LayerOperation {
  private let input: Signal, output: Signal
  private let function: PoolingKind.Function
  private let windows: [PoolingWindow]
  /// Whether windows share no input, so that their gradients need not be added.
  private let areDisjoint: Bool
  /// The input positions that are in no window.
  private let uncovered: [Int]

  init(_ windows: Windows, _ shape: Shape, _ function: PoolingKind.Function, _ context: inout LayerContext) {
    let input = context.input
    self.input = input
    self.function = function
    output = context.makeOutput(shape)
    areDisjoint = windows.areDisjoint
    let table = windows.table
    let places = (0..<windows.positions).map { position in
      table[position * windows.taps..<(position + 1) * windows.taps].filter { $0 >= 0 }
    }
    var isCovered = [Bool](repeating: false, count: input.positions)
    for position in places.joined() { isCovered[Int(position)] = true }
    uncovered = isCovered.indices.filter { !isCovered[$0] }
    let memory = context.integers(Array(places.joined()))
    var start = 0
    self.windows = places.map { taps in
      defer { start += taps.count }
      return PoolingWindow(positions: memory + start, count: taps.count, block: input.block)
    }
  }

  func forward() {
    for (position, window) in windows.enumerated() {
      let target = output.values + position * output.block
      switch function {
      case .maximum, .sharedMaximum: maximum(window, input.values, into: target)
      case .mean: mean(window, input.values, into: target)
      }
    }
  }

  func backward(into gradient: UnsafeMutablePointer<Float>) {
    guard let dx = input.gradient else { return }
    if areDisjoint {
      for position in uncovered { (dx + position * input.block).update(repeating: 0, count: input.block) }
    } else {
      dx.update(repeating: 0, count: input.count)
    }
    for (position, window) in windows.enumerated() {
      let at = position * output.block
      let dy = output.requiredGradient + at
      switch function {
      case .maximum where input.isRectified:
        rectifiedMaximumBackward(window, dy, output: output.values + at, replacing: dx)
      case .maximum:
        maximumBackward(
          window, dy, input: input.values, output: output.values + at, into: dx, accumulates: !areDisjoint)
      case .sharedMaximum:
        sharedMaximumBackward(window, dy, input: input.values, output: output.values + at, into: dx)
      case .mean: meanBackward(window, dy, into: dx, accumulates: !areDisjoint)
      }
    }
  }
}
