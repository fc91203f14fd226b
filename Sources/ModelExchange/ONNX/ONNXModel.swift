import FoundationEssentials
import NeuralNet
import Platform
import ProtocolBuffers

extension ExportedModel {
  /// The model as a file of ONNX, which ONNX Runtime and many other programs open: equal bytes for equal models.
  ///
  /// Its input `image` has the pixels, uint8 [batch, ...] in the shape of the network's input; what becomes of them is inside the
  /// graph. Its outputs are `probabilities` and `logits`, float32 [batch, classes]; the logits are what the last softmax takes, or what
  /// a network without one gives. The metadata have `class_names` (a JSON list), `preprocessing` and `parameters_sha256`.
  ///
  /// - Parameter version: the program's, for the file's producer.
  package func onnx(version: String) -> [UInt8] {
    var network = ONNXNetwork(self)
    var value = network.preprocessed()
    for stage in architecture.logitStages { value = network.output(of: stage, value) }
    let graph = network.finished(value)
    var model = ProtobufMessage()
    model.add(1, Self.onnxFormat)
    model.add(2, "fingerspell")
    model.add(3, version)
    model.add(7, graph)
    model.add(8) { operators in
      operators.add(1, "")
      operators.add(2, Self.onnxOperators)
    }
    for (key, value) in onnxMetadata {
      model.add(14) { entry in
        entry.add(1, key)
        entry.add(2, value)
      }
    }
    return model.bytes
  }

  /// The version of the file format, and that of the operators: those of 2022, so that older runtimes open the file too.
  private static let onnxFormat = 8, onnxOperators = 17

  private var onnxMetadata: KeyValuePairs<String, String> {
    [
      "class_names": classNamesText, "preprocessing": preprocessing.rawValue, "inverted": inverts ? "true" : "false",
      "parameters_sha256": checksum,
    ]
  }

  /// The class names as a JSON list.
  var classNamesText: String {
    guard let data = try? ExactJSON.encoder().encode(classNames) else { preconditionFailure("texts have JSON") }
    return String(decoding: data, as: UTF8.self)
  }
}
