import Foundation
import NeuralNet
import TestTags
import Testing

@Suite("Layers take Keras' options, and refuse others by name", .tags(.pure))
struct LayerOptionsTests {
  /// A network of one described layer before a softmax over its output.
  static func network(
    _ layer: String, _ options: String, input: String = "[null, 8, 6, 4]"
  ) throws(ArchitectureError) -> Architecture {
    let text = """
      {"class_name": "Sequential", "config": {"name": "sequential", "layers": [
        {"class_name": "InputLayer", "config": {"batch_shape": \(input)}},
        {"class_name": "\(layer)", "config": {"name": "it"\(options.isEmpty ? "" : ", ")\(options)}},
        {"class_name": "Flatten", "config": {"name": "flatten", "data_format": "channels_last"}},
        {"class_name": "Dense", "config": {"name": "dense", "units": 3, "activation": "softmax"}}]}}
      """
    guard let value = try? JSONDecoder().decode(ConfigurationValue.self, from: Data(text.utf8)) else {
      throw ArchitectureError("the test's text is not JSON")
    }
    return try Architecture(keras: value)
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let layer: String, options: String, expected: String
    var testDescription: String { "\(layer) \(options)" }

    init(_ layer: String, _ options: String, _ expected: String) {
      self.layer = layer
      self.options = options
      self.expected = expected
    }
  }

  @Test(arguments: [
    Case("GlobalMaxPooling2D", "\"data_format\": \"channels_last\", \"keepdims\": false", "(None, 4)"),
    Case("GlobalAveragePooling2D", "", "(None, 4)"),
    Case("Reshape", "\"target_shape\": [-1, 16]", "(None, 12, 16)"),
    Case("Reshape", "\"target_shape\": [192]", "(None, 192)"),
    Case("Flatten", "", "(None, 192)"),
    Case("Rescaling", "\"scale\": 0.5, \"offset\": -1", "(None, 8, 6, 4)"),
    Case("ReLU", "\"max_value\": null, \"negative_slope\": 0.0, \"threshold\": 0.0", "(None, 8, 6, 4)"),
    Case("LeakyReLU", "\"alpha\": 0.1", "(None, 8, 6, 4)"),
    Case("Softmax", "\"axis\": -1", "(None, 8, 6, 4)"),
    Case("LayerNormalization", "\"axis\": [3], \"rms_scaling\": false", "(None, 8, 6, 4)"),
    Case("GroupNormalization", "\"groups\": -1, \"axis\": 3", "(None, 8, 6, 4)"),
  ])
  func `What is Keras' own is taken, and comes back from its JSON`(_ layer: Case) throws {
    let network = try Self.network(layer.layer, layer.options)
    #expect(network.stages[0].output.description == layer.expected)
    let again = try JSONDecoder().decode(Architecture.self, from: JSONEncoder().encode(network))
    #expect(again == network && again.layout == network.layout)
  }

  @Test(arguments: [
    Case("GlobalMaxPooling2D", "\"keepdims\": true", "keepdims = True"),
    Case("GlobalAveragePooling1D", "", "needs an input [steps, channels]"),
    Case("Flatten", "\"data_format\": \"channels_first\"", "data_format = 'channels_first'"),
    Case("Reshape", "", "has no 'target_shape'"),
    Case("Reshape", "\"target_shape\": [-1, -1]", "target_shape = [-1, -1]"),
    Case("Reshape", "\"target_shape\": [7, 16]", "cannot make (7, 16)"),
    Case("Reshape", "\"target_shape\": [-1, 5]", "cannot make (-1, 5)"),
    Case("Reshape", "\"target_shape\": [-1, 268435456, 268435456, 268435456]", "cannot make"),
    Case("Reshape", "\"target_shape\": [9223372036854775807]", "target_shape ="),
    Case("Rescaling", "\"offset\": 1", "has no 'scale'"),
    Case("Rescaling", "\"scale\": [1, 2]", "scale = [1, 2]"),
    Case("ReLU", "\"max_value\": 6.0", "max_value = 6"),
    Case("ReLU", "\"threshold\": 0.5", "threshold = 0.5"),
    Case("LeakyReLU", "\"negative_slope\": -0.5", "negative_slope = -0.5"),
    Case("Softmax", "\"axis\": 1", "axis = 1"),
    Case("LayerNormalization", "\"axis\": [1, 2]", "axis = [1, 2]"),
    Case("LayerNormalization", "\"rms_scaling\": true", "rms_scaling = True"),
    Case("LayerNormalization", "\"epsilon\": 0", "epsilon = 0"),
    Case("GroupNormalization", "", "groups = 32 does not divide the 4 channels"),
    Case("GroupNormalization", "\"groups\": 0", "groups = 0"),
    Case("BatchNormalization", "", "use LayerNormalization or GroupNormalization"),
  ])
  func `What would change the result is refused with the layer's name`(_ layer: Case) throws {
    let error = try #require(throws: ArchitectureError.self) { try Self.network(layer.layer, layer.options) }
    #expect(
      error.description.contains("'it (\(layer.layer))'") && error.description.contains(layer.expected), "\(error)")
  }

  @Test func `Weights have Keras' names, order and first values`() throws {
    let network = try Architecture(input: [5, 20]) {
      LayerNormalization()
      GroupNormalization(groups: 4, center: false)
      LayerNormalization(scale: false)
      Flatten()
      Dense(3, activation: .softmax)
    }
    let tensors = network.layout.tensors.prefix(4)
    #expect(
      tensors.map(\.name) == [
        "layer_normalization/gamma", "layer_normalization/beta", "group_normalization/gamma",
        "layer_normalization_1/beta",
      ])
    let parameters = network.initialParameters(seed: 1)
    #expect(tensors.map { parameters[$0.offset] } == [1, 0, 1, 0] && tensors.allSatisfy { $0.shape == [20] })
  }

  @Test func `A network that begins with a Rescaling takes bytes`() throws {
    let scaled = try Self.network("Rescaling", "\"scale\": 0.00392156862745098")
    let plain = try Self.network("Dense", "\"units\": 2")
    #expect(scaled.rescalesPixels && !plain.rescalesPixels)
  }
}
