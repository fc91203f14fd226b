import ArgumentParser
import NeuralNet
import Platform
import Runs

/// `fingerspell summary`.
struct Summary: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show a network's layers, parameters, work and memory.",
    discussion: """
      Prints what Keras' model.summary() prints, and the multiply-accumulates of each layer for one sample, those of a training \
      step, and the memory that a worker needs for it.

      EXAMPLES
        fingerspell summary
        fingerspell summary --network model.json
        fingerspell summary runs/first/model.safetensors
      """)

  @Argument(help: ArgumentHelp("A model or a checkpoint whose network to show.", valueName: "model"))
  var model: String?

  @OptionGroup var network: NetworkOption

  @Flag(help: "Print the network's JSON, as Keras' model.to_json() writes it, instead.")
  var json = false

  func validate() throws {
    if model != nil, network.network != nil {
      throw ValidationError("the model file describes its network: leave out the file or --network.")
    }
  }

  func run() throws {
    let architecture =
      try model.map { try StoredModel(path: $0).architecture } ?? network.architecture() ?? .signLanguageMNIST()
    let summary = NetworkSummary(architecture)
    try Console().write(json ? summary.json() : summary.text)
  }
}
