import ArgumentParser
import ModelFiles
import NeuralNet
import Platform

/// The network that a command uses instead of the default one.
struct NetworkOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      The network, as Keras describes a Sequential model: the text of model.to_json(), or the config.json of a .keras file. \
      (default: the Conv1D and LSTM network for Sign Language MNIST)
      """, valueName: "file"))
  var network: String?

  /// The network of the file; nil if none was named.
  func architecture() throws -> Architecture? {
    guard let network else { return nil }
    let size = try OpenFile.reading(network).size()
    guard size <= Architecture.jsonLimit else {
      throw Failure(
        .data, "\(foreign(network)) has \(size) bytes; a network's description has at most \(Architecture.jsonLimit)")
    }
    let bytes = try FileBytes.read(network)
    if let kind = FileKind(firstBytes: bytes.prefix(FileKind.bytesToSee)), kind != .json {
      let advice = kind == .keras ? "unzip it and use its config.json" : "use the text of model.to_json()"
      throw Failure(.data, "\(foreign(network)) is \(kind.name), not the JSON of a Keras model; \(advice)")
    }
    // The run.json of a run has its network in it.
    let embedded = EmbeddedParts.found(in: bytes)?.network
    do throws(ArchitectureError) {
      if let embedded { return try Architecture(keras: embedded) }
      return try Architecture(json: bytes)
    } catch {
      throw Failure(.data, "\(foreign(network)): \(foreign("\(error)", limit: 1024))")
    }
  }
}
