import ArgumentParser
import Datasets
import Glibc
import ModelExchange
import NeuralNet
import Platform
import Runs

/// `fingerspell export`.
struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write a model for other programs.",
    discussion: """
      The output's extension is the format:
      \(ExportFormat.list)
      Any network can be exported.

      EXAMPLES
        fingerspell export runs/first/model.safetensors letters.onnx
      """)

  @OptionGroup var model: ModelArgument
  @Argument(help: ArgumentHelp("The file to write; one that exists is replaced.", valueName: "output"))
  var output: String
  @OptionGroup(title: "Network") var network: NetworkOption
  @OptionGroup(title: "Data") var classNames: ClassNamesOption

  func run() throws {
    let format = try ExportFormat.of(output)
    let file = try StoredModel(path: model.path, network: network.architecture())
    let exported = try ExportedModel(file, classes: classNames.names, path: classNames.path)
    let inputs = [model.path] + [network.network, classNames.path].compactMap(\.self)
    let target = try OutputFile(output, inputs: inputs)
    let companion = try format.companion(of: output, exported).map { try Companion($0.path, $0.bytes, model: model.path) }
    for warning in file.warnings(path: model.path) { Ending.complain("warning: \(warning)") }
    let bytes = try format.encoded(exported)
    try companion?.write()
    try target.write(bytes)
    try Console().line("\(foreign(output)): \(format.meaning); \(bytes.count) bytes")
  }
}

/// A file beside the output that the user did not name: it replaces nothing but itself.
struct Companion {
  private let path: String
  private let bytes: [UInt8]
  /// Where it is written; nil if it is there already.
  private let file: OutputFile?

  /// Checks the path; writes nothing.
  ///
  /// - Parameter model: the model's file, which may itself be what belongs there.
  init(_ path: String, _ bytes: [UInt8], model: String) throws {
    self.path = path
    self.bytes = bytes
    guard access(path, F_OK) == 0 else {
      file = try OutputFile(path)
      return
    }
    // A file of another size is another file, however large.
    guard try OpenFile.reading(path).size() == bytes.count, try FileBytes.read(path) == bytes else {
      throw Failure(
        .usage,
        "\(foreign(path)) belongs beside the output, but there is another file of this name; choose another output, or remove it")
    }
    file = nil
  }

  /// Writes it, if it is not there already.
  func write() throws { try file?.write(bytes) }
}

extension ExportedModel {
  /// A model of a file. Throws where the names are not as many as the network has classes.
  ///
  /// - Parameters:
  ///   - classes: the names of the classes; nil for those that the model has learned.
  ///   - path: where they come from.
  init(_ file: StoredModel, classes: ClassNames?, path: String?) throws {
    let count = file.architecture.classes
    if let classes, classes.count != count {
      throw Failure(
        .data, "\(foreign(path ?? "")) has \(counted(classes.count, "class name")), and the network has \(count) classes")
    }
    let names = classes ?? file.images.classes?.fitted(to: count) ?? .standard(count)
    self.init(
      file.architecture, parameters: file.parameters, preprocessing: file.preprocessing, classNames: names.names,
      inverts: file.images.invert, metadata: file.metadata)
  }
}
