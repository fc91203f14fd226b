import ModelFiles
import NeuralNet

/// A trained model, with what other tools should know of it.
package struct ExportedModel: Sendable {
  /// The network.
  package var architecture: Architecture
  /// The parameters in the network's layout: `paddedCount` numbers.
  package var parameters: [Float]
  /// How images, of pixels from 0 to 255, become the network's input.
  package var preprocessing: Preprocessing
  /// Whether black becomes white before that: a pixel v is 255 - v, as in the model's training.
  package var inverts: Bool
  /// The names of the classes, class 0 first: as many as the network has outputs.
  package var classNames: [String]
  /// The model's metadata, as its file has them.
  package var metadata: [String: String]

  /// A model of these parts.
  package init(
    _ architecture: Architecture, parameters: [Float], preprocessing: Preprocessing, classNames: [String],
    inverts: Bool = false, metadata: [String: String] = [:]
  ) {
    precondition(parameters.count == architecture.layout.paddedCount, "a model has one value for each parameter")
    self.architecture = architecture
    self.parameters = parameters
    self.preprocessing = preprocessing
    self.inverts = inverts
    self.classNames = classNames
    self.metadata = metadata
  }

  /// The SHA-256 of the parameters as little-endian float32 in the layout's order, which metrics.csv and model files have too.
  package var checksum: String { ModelFile.checksum(parameters, architecture.layout) }

  /// The values of a tensor of the network's layout, in row-major order of its shape; nil if there is none of that name.
  package func values(_ name: String) -> [Float]? {
    architecture.layout.tensors.first { $0.name == name }.map { Array(parameters[$0.range]) }
  }
}
