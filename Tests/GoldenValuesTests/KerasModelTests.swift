import FoundationEssentials
import GoldenValues
import TestTags
import Testing

@Suite("The Keras models that are read or refused", .tags(.golden, .files))
struct KerasModelTests {
  /// What all files of models have in common, whatever Keras wrote them.
  struct Model: Decodable {
    let className: String
    enum CodingKeys: String, CodingKey { case className = "class_name" }
  }

  func read(_ path: String) throws -> Model {
    try JSONDecoder().decode(Model.self, from: Data(contentsOf: URL(filePath: path)))
  }

  @Test func `Every accepted model is there, from Keras 3 and from Keras 2`() throws {
    let models = try KerasModel.all()
    #expect(models.map(\.name) == ["bidirectional", "cnn", "default", "gru", "lstm-pair", "mlp", "rescaled-cnn"])
    for model in models {
      #expect(model.keras2Paths.count == (model.name == "default" ? 2 : 1))
      for path in [model.path] + model.keras2Paths { #expect(try read(path).className == "Sequential", "\(path)") }
      let sizes = model.tensors.map { $0.shape.reduce(1, *) }
      #expect(sizes.reduce(0, +) == model.parameterCount)
      #expect(model.layers.map(\.parameters).reduce(0, +) == model.parameterCount)
    }
    #expect(models.first { $0.name == "default" }?.parameterCount == 77273)
    #expect(models.first { $0.name == "default" }?.tensors.map(\.name) == Goldens.layout.map(\.name))
  }

  @Test func `Every refused model is there, with words that its error must have`() throws {
    let refused = try RefusedKerasModel.all()
    #expect(refused.count >= 25)
    for model in refused {
      #expect(!model.words.isEmpty)
      #expect(try read(model.path).className == (model.name == "functional" ? "Functional" : "Sequential"), "\(model)")
    }
  }
}
