// What `Layer` requires of a layer is documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import Kernels

/// Keras' `Reshape`: the same numbers of a sample, in row-major order, in another shape.
public struct Reshape: Layer {
  public static let kerasName = "Reshape"
  /// The dimensions of the output; one of them may be -1, and then is what the others leave.
  public let targetShape: [Int]

  private static let rankLimit = 8

  /// A reshape to positive dimensions, one of which may be -1 instead.
  public init(_ targetShape: [Int]) {
    precondition(Self.isPossible(targetShape), "a shape has some positive dimensions, one of which may be -1 instead")
    self.targetShape = targetShape
  }

  public init(_ configuration: inout LayerConfiguration) throws(ArchitectureError) {
    guard let value = configuration.take("target_shape") else {
      throw ArchitectureError(layer: configuration.layer, "has no 'target_shape', which it must have")
    }
    guard let elements = value.elements, case let sides = elements.compactMap(\.whole), sides.count == elements.count,
      Self.isPossible(sides)
    else {
      throw ArchitectureError(
        layer: configuration.layer,
        "target_shape = \(value) is not supported; 1 to \(Self.rankLimit) positive whole numbers are, one of which may be -1"
      )
    }
    targetShape = sides
  }

  private static func isPossible(_ sides: [Int]) -> Bool {
    (1...rankLimit).contains(sides.count) && sides.count { $0 == -1 } <= 1
      && sides.allSatisfy { $0 == -1 || (1...Shape.limit).contains($0) }
  }

  public var configuration: [String: ConfigurationValue] {
    ["target_shape": .array(targetShape.map { .integer($0) })]
  }

  public func outputShape(_ input: Shape) throws(ArchitectureError) -> Shape {
    // Every side is at most the limit, and so is the product before it: no overflow.
    let known = targetShape.reduce(1) { $1 == -1 ? $0 : min($0 * $1, Shape.limit + 1) }
    let fits = targetShape.contains(-1) ? input.count.isMultiple(of: known) : known == input.count
    guard fits else {
      let target = "(" + targetShape.map(String.init).joined(separator: ", ") + ")"
      throw ArchitectureError("cannot make \(target) of its input \(input), which has \(input.count) numbers a sample")
    }
    return Shape(targetShape.map { $0 == -1 ? input.count / known : $0 })
  }

  public var reading: Reading { .any }

  public func operation(_ context: inout LayerContext) -> (any LayerOperation)? {
    guard let output = try? outputShape(context.input.shape) else { return nil }
    return ReshapeOperation.of(output, &context)
  }
}

/// Keras' `Flatten`: a sample's numbers in row-major order, [..., channels] to [numbers].
public struct Flatten: Layer {
  public static let kerasName = "Flatten"

  /// A flattening.
  public init() {}

  public init(_ configuration: inout LayerConfiguration) throws(ArchitectureError) {
    try configuration.require("data_format", .string("channels_last"))
  }

  public var configuration: [String: ConfigurationValue] { [:] }

  public func outputShape(_ input: Shape) -> Shape { [input.count] }

  public var reading: Reading { .any }

  public func operation(_ context: inout LayerContext) -> (any LayerOperation)? {
    ReshapeOperation.of(outputShape(context.input.shape), &context)
  }
}

/// Moves the values of [positions, samples, channels] to where another shape has them. Its input may have rows of any
/// stride; the output's are whole vectors.
private struct ReshapeOperation: LayerOperation {
  private let input: Signal, output: Signal

  /// The operation; nil where the numbers stay where they are.
  static func of(_ shape: Shape, _ context: inout LayerContext) -> ReshapeOperation? {
    let input = context.input
    guard input.channels != shape.channels || input.stride != padded(input.channels) else {
      context.keepInput(as: shape)
      return nil
    }
    return ReshapeOperation(input: input, output: context.makeOutput(shape))
  }

  func forward() {
    for sample in 0..<input.samples {
      regroupRows(
        input.values + sample * input.stride, rows(input), into: output.values + sample * output.stride, rows(output),
        count: input.shape.count)
    }
  }

  func backward(into gradient: UnsafeMutablePointer<Float>) {
    guard let dx = input.gradient, let dy = output.gradient else { return }
    for sample in 0..<input.samples {
      regroupRows(
        dy + sample * output.stride, rows(output), into: dx + sample * input.stride, rows(input),
        count: input.shape.count)
    }
  }

  private func rows(_ signal: Signal) -> SampleRows { SampleRows(length: signal.channels, stride: signal.block) }
}
