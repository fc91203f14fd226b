// What `Layer` requires of a layer is documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import Kernels

/// An activation function: an elementwise function, or the softmax over the channels. Also the argument of other layers.
public enum ActivationFunction: String, CaseIterable, Hashable, Sendable {
  case linear
  case relu
  /// With slope 0.2 below zero, Keras' default.
  case leakyReLU = "leaky_relu"
  case tanh
  case sigmoid
  /// x Φ(x), exact.
  case gelu
  case softmax
}

/// Keras' `Activation`.
public struct Activation: Layer {
  public static let kerasName = "Activation"
  /// The function.
  public let function: ActivationFunction
  /// The slope below zero of a leaky ReLU.
  package let slope: Double

  /// The layer that applies a function.
  public init(_ function: ActivationFunction) { self.init(function, slope: 0.2) }

  init(_ function: ActivationFunction, slope: Double) {
    self.function = function
    self.slope = slope
  }

  public init(_ configuration: inout LayerConfiguration) throws(ArchitectureError) {
    self.init(try configuration.choice("activation", default: ActivationFunction.linear))
  }

  public var configuration: [String: ConfigurationValue] { ["activation": .string(function.rawValue)] }

  public func outputShape(_ input: Shape) -> Shape { input }

  public var lastActivation: ActivationFunction { function }

  public var logits: [any Layer]? { function == .softmax ? [] : nil }

  public var reading: Reading { function == .softmax ? .padded : .asNext }

  public func operation(_ context: inout LayerContext) -> (any LayerOperation)? {
    guard function != .linear else { return nil }
    let input = context.input
    return ActivationOperation(input: input, output: context.makeOutputLikeInput(), function, slope, context)
  }
}

private struct ActivationOperation: LayerOperation {
  let input: Signal, output: Signal
  let activation: AppliedActivation

  init(input: Signal, output: Signal, _ function: ActivationFunction, _ slope: Double, _ context: LayerContext) {
    self.input = input
    self.output = output
    activation = AppliedActivation(function, slope: slope, to: output, context)
  }

  func forward() {
    output.values.update(from: input.values, count: input.count)
    activation.forward()
  }

  func backward(into gradient: UnsafeMutablePointer<Float>) {
    if output.gradient != nil { activation.backward() }
  }
}

/// An activation function at the end of a layer, in place on its output.
struct AppliedActivation {
  private let function: ActivationFunction
  private let slope: Float
  private let output: Signal
  /// The function's input, where the derivative needs it.
  private let saved: UnsafeMutablePointer<Float>?

  init(_ function: ActivationFunction, slope: Double = 0.2, to output: Signal, _ context: LayerContext) {
    self.function = function
    self.slope = Float(slope)
    self.output = output
    saved = function == .gelu ? context.workspace.take(output.count) : nil
  }

  /// Turns the output's values, the function's input, into the function's values.
  func forward() {
    let (values, count) = (output.values, output.count)
    switch function {
    case .linear: break
    case .relu: rectify(values, count: count)
    case .leakyReLU: leakyRectify(values, slope: slope, count: count)
    case .tanh: hyperbolicTangents(values, into: values, count: count)
    case .sigmoid: sigmoids(values, into: values, count: count)
    case .gelu:
      guard let saved else { return }
      saved.update(from: values, count: count)
      gelus(saved, into: values, count: count)
    case .softmax:
      softmaxRows(values, rows: output.rows, columns: output.channels, stride: output.stride)
    }
  }

  /// Turns the output's gradient into that with respect to the function's input.
  func backward() {
    let (gradient, values, count) = (output.requiredGradient, output.values, output.count)
    switch function {
    case .linear: break
    case .relu: rectifyBackward(gradient, activation: values, count: count)
    case .leakyReLU: leakyRectifyBackward(gradient, activation: values, slope: slope, count: count)
    case .tanh: hyperbolicTangentsBackward(gradient, activation: values, count: count)
    case .sigmoid: sigmoidsBackward(gradient, activation: values, count: count)
    case .gelu:
      if let saved { gelusBackward(gradient, input: saved, count: count) }
    case .softmax:
      softmaxRowsBackward(
        gradient, activation: values, rows: output.rows, columns: output.channels, stride: output.stride)
    }
  }
}
