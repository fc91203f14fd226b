import ArgumentParser
import Datasets
import Glibc
import ModelExchange
import Monitoring
import NeuralNet
import Platform
import Runs

/// `fingerspell export`.
struct Export: WatchedCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write a model for other programs.",
    discussion: """
      The output's extension is the format:
      \(ExportFormat.list)

      Any network can be exported.

      With --hub it writes a folder as a model hub takes it: README.md, the model card; config.json; model.safetensors; and \
      model.py, which loads it in PyTorch. The card has the results of the run in whose folder the model lies, or those on the rows of --data \
      or --test-csv.

      EXAMPLES
        fingerspell export runs/first/model.safetensors letters.onnx
        fingerspell export runs/first/model.safetensors demo.html
        fingerspell export runs/first/model.safetensors --hub letters --data data
      """)

  @OptionGroup var model: ModelArgument
  @Argument(help: ArgumentHelp("The file to write; one that exists is replaced.", valueName: "output"))
  var output: String?
  @OptionGroup(title: "Network") var network: NetworkOption
  @OptionGroup(title: "Data") var data: TestDataOptions
  @OptionGroup(title: "Data") var classNames: ClassNamesOption
  @OptionGroup(title: "Watchdog") var watchdog: WatchdogOptions

  @Option(
    help: ArgumentHelp(
      "Write a folder for a model hub, made if missing; files of these names in it are replaced.", valueName: "dir"))
  var hub: String?

  @Option(
    help: ArgumentHelp(
      "The licence on the model card, by the hub's name for it, such as apache-2.0. (default: unknown)",
      valueName: "name"))
  var license: String?

  func validate() throws {
    switch (output, hub) {
    case (nil, nil): throw ValidationError("say what to write: a file, or a folder with --hub.")
    case (.some, .some): throw ValidationError("a file and --hub are two exports; leave one out.")
    case (.some, nil):
      if license != nil { throw ValidationError("--license is for the model card of --hub; give --hub too.") }
      if data.data != nil || data.testCSV != nil {
        throw ValidationError(
          "\(data.data == nil ? "--test-csv" : "--data") is for the results on the model card of --hub; give --hub too."
        )
      }
    case (nil, .some): break
    }
    let letters = Set("abcdefghijklmnopqrstuvwxyz0123456789.+-")
    if let license, license.isEmpty || license.count > 64 || !license.allSatisfy(letters.contains) {
      throw ValidationError(
        "--license is \(foreign(license)); a hub's name of a licence has small letters, digits, dots and hyphens, such as apache-2.0."
      )
    }
  }

  func run() throws {
    let format = try output.map { try ExportFormat.of($0) }
    let file = try StoredModel(path: model.path, network: network.architecture())
    let exported = try ExportedModel(file, classes: classNames.names, path: classNames.path)
    for warning in file.warnings(path: model.path) { Ending.complain("warning: \(warning)") }
    let inputs = [model.path] + [network.network, classNames.path].compactMap(\.self)
    if let output, let format { try write(exported, format, to: output, inputs: inputs) }
    if let hub { try HubExport(model: model.path, file, exported, license: license).write(to: hub, data, inputs) }
  }

  private func write(_ model: ExportedModel, _ format: ExportFormat, to output: String, inputs: [String]) throws {
    let target = try OutputFile(output, inputs: inputs)
    let companion = try format.companion(of: output, model).map { try Companion($0.path, $0.bytes) }
    let bytes = try format.encoded(model)
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
  init(_ path: String, _ bytes: [UInt8]) throws {
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
        "\(foreign(path)) belongs beside the output, but there is another file of this name; choose another output, or remove it"
      )
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
        .data,
        "\(foreign(path ?? "")) has \(counted(classes.count, "class name")), and the network has \(count) classes")
    }
    self.init(
      file.architecture, parameters: file.parameters, preprocessing: file.preprocessing,
      classNames: file.classes(named: classes).names,
      inverts: file.images.invert, metadata: file.metadata)
  }
}
