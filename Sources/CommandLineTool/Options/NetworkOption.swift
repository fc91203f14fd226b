import ArgumentParser
import ModelFiles
import NeuralNet
import Platform
import Runs

/// The network that a command uses instead of the default one.
struct NetworkOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      The network, as Keras describes a Sequential model: the text of model.to_json(), or a .keras file. \
      (default: the Conv1D and LSTM network for Sign Language MNIST)
      """, valueName: "file"))
  var network: String?

  /// The network of the file; nil if none was named.
  func architecture() throws -> Architecture? {
    guard let network else { return nil }
    if case .keras = FileKind(firstBytes: try OpenFile.reading(network).firstBytes()),
      let architecture = try Architecture(kerasArchive: network)
    {
      return architecture
    }
    let size = try OpenFile.reading(network).size()
    guard size <= Architecture.jsonLimit else {
      throw Failure(
        .data, "\(foreign(network)) has \(size) bytes; a network's description has at most \(Architecture.jsonLimit)")
    }
    let bytes = try FileBytes.read(network)
    if let kind = FileKind(firstBytes: bytes.prefix(FileKind.bytesToSee)), kind != .json {
      throw Failure(
        .data, "\(foreign(network)) is \(kind.name), not the JSON of a Keras model; use the text of model.to_json()")
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
