import Datasets
import ModelExchange
import NeuralNet

/// What `network.js` and `live.js` need to know of a model, as JSON.
enum LiveModel {
  /// An object of:
  ///
  /// - `classNames`, and of those `absent`, which the data never have;
  /// - `image`, height, width and channels of what the network takes, `invert` and `preprocessing`, what becomes of its pixels;
  /// - `input`, a sample's shape, and the `layers` as Keras describes them;
  /// - `tensors` with name, shape, and offset among the numbers;
  /// - `softmax`, whether the last layer gives probabilities, not logits.
  static func json(_ model: ExportedModel, _ format: ImageFormat) -> ConfigurationValue {
    let architecture = model.architecture
    let letters = ClassNames.signLanguageMNIST
    let absent = model.classNames == letters.names ? letters.absent.sorted().map(letters.name(of:)) : []
    return .object([
      "classNames": .array(model.classNames.map { .string($0) }),
      "absent": .array(absent.map { .string($0) }),
      "image": .object([
        "height": .integer(format.height), "width": .integer(format.width), "channels": .integer(format.channels),
      ]),
      "invert": .bool(model.inverts),
      "preprocessing": .string(model.preprocessing.rawValue),
      "input": .array(architecture.input.dimensions.map { .integer($0) }),
      "layers": .array(architecture.stages.map(layer)),
      "tensors": .array(architecture.layout.tensors.map(tensor)),
      "softmax": .bool(architecture.stages.last?.layer.logits != nil),
    ])
  }

  /// A layer without how its weights began.
  private static func layer(_ stage: Architecture.Stage) -> ConfigurationValue {
    let options = stage.layer.configuration.filter { !$0.key.hasSuffix("initializer") }
    return .object([
      "class_name": .string(type(of: stage.layer).kerasName),
      "config": .object(options.merging(["name": .string(stage.name)]) { $1 }),
    ])
  }

  private static func tensor(_ tensor: ParameterTensor) -> ConfigurationValue {
    .object([
      "name": .string(tensor.name), "shape": .array(tensor.shape.map { .integer($0) }),
      "offset": .integer(tensor.offset),
    ])
  }
}
