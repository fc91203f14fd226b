// What `Layer` requires of a layer is documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import Kernels

/// Keras' `GlobalMaxPooling1D`: y[c] = max x[t, c] over the time steps, [steps, channels] to [channels].
public struct GlobalMaxPooling1D: Layer, GlobalPooling {
  public static let kerasName = "GlobalMaxPooling1D"
  package static let kind = PoolingKind(computes: .sharedMaximum, rank: 1)

  /// The largest of all time steps.
  public init() {}
}

/// Keras' `GlobalMaxPooling2D`: y[c] = max x[i, j, c] over the pixels, [height, width, channels] to [channels].
public struct GlobalMaxPooling2D: Layer, GlobalPooling {
  public static let kerasName = "GlobalMaxPooling2D"
  package static let kind = PoolingKind(computes: .sharedMaximum, rank: 2)

  /// The largest of all pixels.
  public init() {}
}

/// Keras' `GlobalAveragePooling1D`: y[c] = Σ x[t, c] / steps, [steps, channels] to [channels].
public struct GlobalAveragePooling1D: Layer, GlobalPooling {
  public static let kerasName = "GlobalAveragePooling1D"
  package static let kind = PoolingKind(computes: .mean, rank: 1)

  /// The mean of all time steps.
  public init() {}
}

/// Keras' `GlobalAveragePooling2D`: y[c] = Σ x[i, j, c] / (height · width), [height, width, channels] to [channels].
public struct GlobalAveragePooling2D: Layer, GlobalPooling {
  public static let kerasName = "GlobalAveragePooling2D"
  package static let kind = PoolingKind(computes: .mean, rank: 2)

  /// The mean of all pixels.
  public init() {}
}

/// What the poolings over all positions have in common: a window that is the whole input.
package protocol GlobalPooling: Layer {
  static var kind: PoolingKind { get }
  init()
}

extension GlobalPooling {
  public init(_ configuration: inout LayerConfiguration) throws(ArchitectureError) {
    try configuration.require("data_format", .string("channels_last"))
    try configuration.require("keepdims", .bool(false), because: "a Reshape after the layer keeps the dimensions")
    self.init()
  }

  public var configuration: [String: ConfigurationValue] { [:] }

  private func windows(_ input: Shape) throws(ArchitectureError) -> Windows {
    let whole =
      input.rank == Self.kind.rank + 1 ? Array(input.dimensions.dropLast()) : Array(repeating: 1, count: Self.kind.rank)
    return try Windows(input, size: whole, strides: whole, padding: .valid)
  }

  public func outputShape(_ input: Shape) throws(ArchitectureError) -> Shape {
    _ = try windows(input)
    return [input.channels]
  }

  public func operation(_ context: inout LayerContext) -> (any LayerOperation)? {
    guard let windows = try? windows(context.input.shape) else { return nil }
    return PoolingOperation(windows, [context.input.channels], Self.kind.computes, &context)
  }
}
