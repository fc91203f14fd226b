import FoundationEssentials
import ModelExchange
import NeuralNet
import Testing

@Suite struct ModelCardTests {
  private func files(_ result: ModelCard.Result?, name: String = "letters") throws -> [String: String] {
    let model = countingModel(.signLanguageMNIST(), classNames: ["<b>", "a|b"] + (2..<25).map(String.init))
    let card = ModelCard(name: name, license: "mit", version: "1.2.3", result: result, training: [("Seed", "1")])
    let files = try model.hubFiles(card)
    #expect(files.map(\.name) == ["README.md", "config.json", "model.py", "model.safetensors"])
    #expect(try model.hubFiles(card).map(\.bytes) == files.map(\.bytes))
    return Dictionary(uniqueKeysWithValues: files.map { ($0.name, String(decoding: $0.bytes, as: UTF8.self)) })
  }

  private let result = ModelCard.Result(
    data: "rows \"1\".csv", sha256: "ab", rows: 8, loss: 0.12345, accuracy: 0.875, note: "A note.",
    classes: [("<b>", 7, 1), ("a|b", 1, nil)])

  @Test func `The card begins with what was measured`() throws {
    let text = try #require(try files(result)["README.md"])
    #expect(
      text.hasPrefix(
        """
        ---
        license: mit
        library_name: pytorch
        pipeline_tag: image-classification
        tags:
        - image-classification
        - fingerspell
        - keras
        - pytorch
        - safetensors
        metrics:
        - accuracy
        model-index:
        - name: "letters"
          results:
          - task:
              type: image-classification
            dataset:
              name: "rows \\"1\\".csv"
              type: "rows \\"1\\".csv"
            metrics:
            - type: accuracy
              value: 0.875
            - type: loss
              value: 0.12345
        ---

        # letters

        A network of 77273 parameters
        """), "\(text)")
    #expect(
      text.contains(
        """
        | Data | Rows | Accuracy | Loss |
        | --- | --- | --- | --- |
        | rows "1".csv | 8 | 0.8750 | 0.1235 |

        A note. SHA-256 of the data's file: `ab`.

        | Class | Rows | Recognised |
        | --- | --- | --- |
        | &lt;b&gt; | 7 | 1.0000 |
        | a\\|b | 1 | - |

        """), "\(text)")
  }

  @Test func `A card without a result says so and has no numbers`() throws {
    let text = try #require(try files(nil)["README.md"])
    #expect(text.contains("## Results\n\nNothing was measured when this card was written.\n"))
    #expect(!text.contains("model-index") && !text.contains("metrics:"))
  }

  @Test func `Nothing from a file becomes markup`() throws {
    let text = try #require(try files(result, name: "<script>\n[x](y)")["README.md"])
    #expect(text.contains("\n# &lt;script&gt;\\\\u{A}\\[x\\](y)\n"), "\(text)")
    #expect(!text.contains("<script>\n"))
    #expect(!text.contains("<b>"))
  }

  @Test func `The configuration has the network, the classes and the preprocessing`() throws {
    let text = try #require(try files(nil)["config.json"])
    struct Configuration: Decodable {
      let architecture: Architecture
      let class_names: [String]
      let preprocessing: String, parameters_sha256: String, producer: String
      let input_shape: [Int]
      let inverted: Bool
    }
    let found = try JSONDecoder().decode(Configuration.self, from: Data(text.utf8))
    #expect(found.architecture == .signLanguageMNIST())
    #expect(found.class_names.prefix(2) == ["<b>", "a|b"])
    #expect([found.preprocessing, found.producer] == ["unit", "fingerspell 1.2.3"])
    #expect(found.input_shape == [28, 28] && !found.inverted)
    #expect(found.parameters_sha256 == countingModel(.signLanguageMNIST()).checksum)
  }
}
