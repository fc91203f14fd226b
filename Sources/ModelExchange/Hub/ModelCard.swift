import NeuralNet
import Platform

/// What the description of a model says that the model itself does not.
package struct ModelCard: Sendable {
  /// What a model was measured to do on some rows.
  package struct Result: Sendable {
    /// What the rows are called, and the SHA-256 of their file where it is known.
    package var data: String, sha256: String?
    /// The number of rows, where it is known.
    package var rows: Int?
    /// The mean loss, and the fraction that was recognised.
    package var loss: Double, accuracy: Double
    /// How it was measured: a sentence.
    package var note: String
    /// Of each class that occurs: its name, its rows, and the fraction of them that was recognised; empty where it is not known.
    package var classes: [(name: String, rows: Int, recall: Double?)]

    /// A result.
    package init(
      data: String, sha256: String?, rows: Int?, loss: Double, accuracy: Double, note: String,
      classes: [(name: String, rows: Int, recall: Double?)] = []
    ) {
      self.data = data
      self.sha256 = sha256
      self.rows = rows
      self.loss = loss
      self.accuracy = accuracy
      self.note = note
      self.classes = classes
    }
  }

  /// What the model is called.
  package var name: String
  /// The licence by the hub's identifier, such as `apache-2.0`; `unknown` where nobody has said it.
  package var license: String
  /// The program's version.
  package var version: String
  /// What was measured; nil if nothing was, and then the card says so.
  package var result: Result?
  /// How it was trained: facts and their values.
  package var training: [(fact: String, value: String)]

  /// A card.
  package init(
    name: String, license: String, version: String, result: Result?, training: [(fact: String, value: String)]
  ) {
    self.name = name
    self.license = license
    self.version = version
    self.result = result
    self.training = training
  }

  /// The card of a model: YAML for the hub, then Markdown for people.
  func text(_ model: ExportedModel) -> String {
    [
      frontMatter, "# \(markdown(name))\n\n\(summary(model))", results, use(model), input(model), network(model),
      trainingText(model),
    ].joined(separator: "\n\n") + "\n"
  }

  /// The YAML. Texts are literals of JSON, which YAML has too.
  private var frontMatter: String {
    var lines = [
      "---", "license: \(license)", "library_name: pytorch", "pipeline_tag: image-classification", "tags:",
      "- image-classification", "- fingerspell", "- keras", "- pytorch", "- safetensors",
    ]
    if let result {
      lines += [
        "metrics:", "- accuracy", "model-index:", "- name: \(pythonText(name))", "  results:", "  - task:",
        "      type: image-classification", "    dataset:", "      name: \(pythonText(result.data))",
        "      type: \(pythonText(result.data))", "    metrics:", "    - type: accuracy",
        "      value: \(result.accuracy)",
        "    - type: loss", "      value: \(result.loss)",
      ]
    }
    return (lines + ["---"]).joined(separator: "\n")
  }

  private func summary(_ model: ExportedModel) -> String {
    let names = model.classNames.prefix(40).map(markdown).joined(separator: ", ")
    let more = model.classNames.count > 40 ? " and \(model.classNames.count - 40) more" : ""
    return
      "A network of \(model.architecture.layout.count) parameters that classifies images of \(model.architecture.input.imageText), trained with Fingerspell \(version). Its \(model.classNames.count) classes: \(names)\(more)."
  }

  private var results: String {
    guard let result else {
      return "## Results\n\nNothing was measured when this card was written."
    }
    let rows = result.rows.map { "\($0)" } ?? "not recorded"
    var text = """
      ## Results

      | Data | Rows | Accuracy | Loss |
      | --- | --- | --- | --- |
      | \(markdown(result.data)) | \(rows) | \(result.accuracy.rounded(to: 4)) | \(result.loss.rounded(to: 4)) |

      \(result.note)
      """
    if let sum = result.sha256 { text += " SHA-256 of the data's file: `\(sum)`." }
    guard !result.classes.isEmpty else { return text }
    let lines = result.classes.map { entry in
      "| \(markdown(entry.name)) | \(entry.rows) | \(entry.recall.map { $0.rounded(to: 4) } ?? "-") |"
    }
    return text + "\n\n| Class | Rows | Recognised |\n| --- | --- | --- |\n" + lines.joined(separator: "\n")
  }

  private func use(_ model: ExportedModel) -> String {
    """
    ## Use

    With PyTorch, safetensors and Pillow, where `model.py` and `model.safetensors` lie beside each other:

    ```sh
    python model.py picture.png
    ```

    ```python
    import torch
    from model import CLASSES, load

    model = load()
    images = torch.zeros(1, \(model.architecture.input.list), dtype=torch.uint8)
    probabilities = model(images).softmax(1)
    ```

    With Keras 3; the tensors are Keras' weights, in its order:

    ```python
    import json
    import keras
    from safetensors import safe_open

    model = keras.models.model_from_json(json.dumps(json.load(open("config.json"))["architecture"]))
    with safe_open("model.safetensors", "numpy") as file:
        model.set_weights([file.get_tensor(name) for name in file.offset_keys()])
    ```

    With Fingerspell: `fingerspell evaluate model.safetensors --data data`.
    """
  }

  private func input(_ model: ExportedModel) -> String {
    let first = model.inverts ? "Black and white change places first: a pixel v becomes 255 - v. " : ""
    let then =
      switch model.preprocessing {
      case .unit: "Each pixel is divided by 255."
      case .standardized:
        "Each image is standardized to mean 0 and standard deviation 1, which is taken as 1 / √pixels where it is less."
      case .raw: "The network takes the pixels as they are."
      }
    return
      "## Input\n\nImages of \(model.architecture.input.imageText), from 0 to 255. \(first)\(then) `model.py` does this itself; Keras' model is given the result."
  }

  private func network(_ model: ExportedModel) -> String {
    let layers = model.architecture.stages.map { stage in
      let count = stage.layer.weights(stage.input).reduce(0) { $0 + $1.shape.reduce(1, *) }
      return "| \(markdown(stage.name)) | \(type(of: stage.layer).kerasName) | \(stage.output) | \(count) |"
    }
    return "## Network\n\n| Layer | Class | Output | Parameters |\n| --- | --- | --- | --- |\n"
      + layers.joined(separator: "\n")
  }

  private func trainingText(_ model: ExportedModel) -> String {
    let facts = training + [("SHA-256 of the parameters", model.checksum)]
    return "## Training\n\n" + facts.map { "- \($0.fact): \(markdown($0.value))" }.joined(separator: "\n")
  }
}

/// A text that a file brought as a part of a line of Markdown, in a table too.
func markdown(_ text: String) -> String {
  var result = ""
  for character in foreign(text, limit: 200) {
    switch character {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\\", "`", "*", "[", "]", "|", "#", "!", "~", "$": result += "\\\(character)"
    default: result.append(character)
    }
  }
  return result
}

extension Shape {
  /// What an input is, for people.
  fileprivate var imageText: String {
    switch rank {
    case 1: "\(dimensions[0]) gray pixels"
    case 2: "\(dimensions[0]) x \(dimensions[1]) gray pixels"
    default: "\(dimensions[0]) x \(dimensions[1]) pixels of \(channels) channel\(channels == 1 ? "" : "s")"
    }
  }

  /// The dimensions, `28, 28`.
  fileprivate var list: String { dimensions.map(String.init).joined(separator: ", ") }
}

extension Double {
  /// The number with that many decimals.
  fileprivate func rounded(to decimals: Int) -> String {
    guard isFinite, magnitude < 1e9 else { return "\(self)" }
    let unit = (0..<decimals).reduce(1) { product, _ in product * 10 }
    let whole = Int((magnitude * Double(unit)).rounded())
    let digits = String(whole % unit)
    let zeros = String(repeating: "0", count: decimals - digits.count)
    return "\(self < 0 ? "-" : "")\(whole / unit).\(zeros)\(digits)"
  }
}
