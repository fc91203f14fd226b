import ModelExchange
import Pages
import Platform
import Training

/// The formats that `fingerspell export` writes, each known by its file's extension. A new one is a case here, and a line in each of
/// the three tables.
enum ExportFormat: CaseIterable {
  case onnx
  case keras, kerasWeights
  case pyTorch
  case page

  /// What the file's name ends in.
  var fileExtension: String {
    switch self {
    case .onnx: ".onnx"
    case .keras: ".keras"
    case .kerasWeights: ".weights.h5"
    case .pyTorch: ".py"
    case .page: ".html"
    }
  }

  /// What it is, and what opens it, for the help and for errors.
  var meaning: String {
    switch self {
    case .onnx: "ONNX, for ONNX Runtime and others"
    case .keras: "a Keras 3 model with its preprocessing, for load_model"
    case .kerasWeights: "weights alone, for load_weights of the same network in Keras 3"
    case .pyTorch: "a PyTorch module; it reads the .safetensors file beside it"
    case .page: "a page that runs the model in a browser, on camera or pictures"
    }
  }

  /// The file's bytes: equal for equal models.
  func encoded(_ model: ExportedModel) throws -> [UInt8] {
    switch self {
    case .onnx: model.onnx(version: ProgramVersion.text)
    case .keras: try model.keras()
    case .kerasWeights: try model.kerasWeights()
    case .pyTorch: Array(model.pyTorch(version: ProgramVersion.text).utf8)
    case .page: Array(try LivePage(model, format: model.architecture.rowRequest.format).html.utf8)
    }
  }

  /// The file that belongs beside the one of that path, if it needs one.
  func companion(of path: String, _ model: ExportedModel) -> (path: String, bytes: [UInt8])? {
    switch self {
    case .onnx, .keras, .kerasWeights, .page: nil
    case .pyTorch: (path.dropLast(fileExtension.count) + ".safetensors", model.safetensors)
    }
  }

  /// The formats, a line each.
  static var list: String {
    let width = (allCases.map(\.fileExtension.count).max() ?? 0) + 2
    return allCases.map { "  \($0.fileExtension.left(width))\($0.meaning)" }.joined(separator: "\n")
  }

  /// The format of a file by its name's extension, in upper or lower case.
  static func of(_ path: String) throws -> ExportFormat {
    let name = path.lowercased()
    // `.weights.h5` before `.h5`.
    let byLength = allCases.sorted { $0.fileExtension.count > $1.fileExtension.count }
    if let format = byLength.first(where: { name.hasSuffix($0.fileExtension) }) { return format }
    throw Failure(.usage, "cannot tell the format of \(foreign(path)) by its extension. \(advice(name))")
  }

  /// What to write instead of a file whose extension is not in the table.
  private static func advice(_ name: String) -> String {
    let known = "There are:\n\(list)"
    if name.hasSuffix(".tflite") {
      return
        "Export a .keras file, and convert it in Python: tf.lite.TFLiteConverter.from_keras_model(keras.models.load_model(\"model.keras\")). \(known)"
    }
    if name.hasSuffix(".mlpackage") || name.hasSuffix(".mlmodel") {
      return
        "Export a .keras file, and convert it in Python with coremltools: coremltools.convert(keras.models.load_model(\"model.keras\")). \(known)"
    }
    if name.hasSuffix(".safetensors") {
      return "A model file is written by train; a checkpoint's weights become one beside a .py file. \(known)"
    }
    return known
  }
}
