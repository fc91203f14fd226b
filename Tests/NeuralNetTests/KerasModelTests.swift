import FoundationEssentials
import GoldenValues
import NeuralNet
import TestTags
import Testing

/// Descriptions of whole models: what Keras says of those that are read, and what the error says of those that are not.
@Suite("Keras' descriptions of models are read, or refused with the reason", .tags(.golden))
struct KerasModelTests {
  static let models = (try? KerasModel.all()) ?? []
  static let refused = (try? RefusedKerasModel.all()) ?? []

  static func architecture(_ path: String) throws -> Architecture {
    try JSONDecoder().decode(Architecture.self, from: Data(contentsOf: URL(filePath: path)))
  }

  @Test func `There are models`() {
    #expect(Self.models.count >= 7)
    #expect(Self.refused.count >= 20)
  }

  @Test(arguments: models)
  func `A model is Keras'`(_ model: KerasModel) throws {
    #expect(!model.keras2Paths.isEmpty)
    let architecture = try Self.architecture(model.path)
    #expect(architecture.layout.count == model.parameterCount)
    #expect(architecture.layout.tensors.map(\.name) == model.tensors.map(\.name))
    #expect(architecture.layout.tensors.map(\.shape) == model.tensors.map(\.shape))
    #expect(architecture.stages.map(\.name) == model.layers.map(\.name))
    #expect(architecture.stages.map(\.output.dimensions) == model.layers.map(\.outputShape))
    for path in model.keras2Paths {
      let older = try Self.architecture(path)
      #expect(older.layout == architecture.layout, "\(path)")
      #expect(older.stages.map(\.output) == architecture.stages.map(\.output), "\(path)")
    }
  }

  @Test(arguments: refused)
  func `A model that is not supported is refused by name`(_ model: RefusedKerasModel) {
    let error = #expect(throws: ArchitectureError.self) { try Self.architecture(model.path) }
    for word in model.words {
      #expect(error?.description.contains(word) == true, "'\(word)' is not in: \(error?.description ?? "")")
    }
  }

  @Test func `The default network is Keras' and reads like its text`() throws {
    let written = try Architecture(input: [28, 28]) {
      Conv1D(64, kernelSize: 3, padding: .same, activation: .relu)
      MaxPooling1D(2)
      Dropout(0.3)
      LSTM(64, returnSequences: true, dropout: 0.3, recurrentDropout: 0.2)
      LSTM(64, dropout: 0.3)
      Dense(64, activation: .relu)
      Dropout(0.3)
      Dense(25, activation: .softmax)
    }
    #expect(written == standard)
    #expect(written.layout.count == 77_273)
    #expect(written.multiplyAccumulatesPerSample == 3_070_656)
    let keras = try Self.architecture(try #require(Self.models.first { $0.name == "default" }).path)
    #expect(keras.layout == standard.layout)
  }
}

/// Descriptions that would train something else than Keras does, or nothing.
@Suite("A network whose end is misleading is refused", .tags(.golden))
struct NetworkEndTests {
  @Test(
    arguments: [
      [Dense(10, activation: .softmax), Dropout(0.3)], [Flatten(), Dense(10, activation: .softmax), Reshape([10])],
      [Flatten(), Dense(10, activation: .sigmoid), Dropout(0)], [Flatten(), Dense(10), Softmax(), Activation(.linear)],
      [Dense(10, activation: .softmax), GlobalAveragePooling1D()], [Flatten(), Dense(10), ReLU(), Flatten()],
    ] as [[any Layer]])
  func `Nothing may follow the last activation function`(_ layers: [any Layer]) {
    let error = #expect(throws: ArchitectureError.self) {
      try Architecture(input: [12, 10], layers: layers.map { (nil, $0) })
    }
    #expect(error?.problem.contains("must end in") == true, "\(error?.description ?? "")")
  }

  @Test func `A pooling of rectified numbers may be the logits`() throws {
    _ = try Architecture(input: [12, 10]) {
      Conv1D(10, kernelSize: 3, activation: .relu)
      GlobalMaxPooling1D()
    }
  }

  @Test func `Pixels are scaled once, also after a Reshape`() throws {
    let scaled = try Architecture(input: [784]) {
      Reshape([28, 28, 1])
      Rescaling(1.0 / 255)
      Flatten()
      Dense(10)
    }
    #expect(scaled.rescalesPixels)
    #expect(!standard.rescalesPixels)
  }

  @Test func `A network without weights has nothing to train`() {
    #expect(throws: ArchitectureError.self) { try Architecture(input: [12, 10]) { GlobalMaxPooling1D() } }
  }

  @Test func `Windows beyond any use are refused before they take memory`() {
    #expect(throws: ArchitectureError.self) {
      try Architecture(input: [28, 28, 1]) {
        Conv2D(4, kernelSize: 500, padding: .same)
        Flatten()
        Dense(10)
      }
    }
  }
}
