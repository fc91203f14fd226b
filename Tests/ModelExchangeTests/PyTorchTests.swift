import GoldenValues
import ModelExchange
import NeuralNet
import Testing

/// The text of a Python file; whether PyTorch computes the right numbers with it, Tests/System/test_export.py asks it.
@Suite struct PyTorchTests {
  @Test func `The default network's module is what one would write`() {
    let text = countingModel(.signLanguageMNIST()).pyTorch(version: "1")
    #expect(
      text.contains(
        """
        class RowConv1d(nn.Conv1d):
            def forward(self, x):  # [batch, steps, channels] to [batch, channels, steps], summed in Keras' order
                weight, stride, padding = self.weight.mT.unsqueeze(1), (*self.stride, 1), (*self.padding, 0)
                return F.conv2d(x.unsqueeze(1), weight, self.bias, stride, padding).squeeze(3)


        class Model(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv1d = RowConv1d(28, 64, 3, padding=1)
                self.lstm = nn.LSTM(64, 64, batch_first=True)
                self.lstm_1 = nn.LSTM(64, 64, batch_first=True)
                self.dense = nn.Linear(64, 64)
                self.dense_1 = nn.Linear(64, 25)

            def forward(self, image):
                x = image.float() / 255
                x = F.relu(self.conv1d(x))
                x = F.max_pool1d(x, 2)
                x = F.dropout(x, 0.3, self.training)
                x = x.movedim(1, -1)  # channels last
                x = self.lstm(x)[0]
                x = self.lstm_1(x)[0][:, -1]
                x = F.relu(self.dense(x))
                x = F.dropout(x, 0.3, self.training)
                return self.dense_1(x)


        """), "\(text)")
    #expect(text.contains("    model.lstm_1.load_state_dict(lstm(t, \"lstm_1\"))\n"))
  }

  @Test func `A file has only the conversions that its layers need`() throws {
    let network = try Architecture(input: [4, 4]) {
      Flatten()
      Dense(2, useBias: false)
    }
    let text = countingModel(network).pyTorch(version: "1")
    let functions = text.split(separator: "\n").filter { $0.hasPrefix("def ") }.map { $0.prefix { $0 != "(" } }
    #expect(functions == ["def linear", "def load"])
  }

  @Test func `What is flattened after a convolution has the channels first, and so have the next weights`() throws {
    func text(@LayerBuilder _ layers: () -> [any Layer]) throws -> String {
      countingModel(try Architecture(input: [4, 4, 1], layers)).pyTorch(version: "1")
    }
    let plain = try text {
      Conv2D(3, kernelSize: 3)
      Flatten()
      LayerNormalization(center: false)
      Dense(2)
    }
    for line in [
      "x = self.conv2d(x)\n        x = x.flatten(1)\n", "channels_first(t[\"layer_normalization/gamma\"], 3)\n",
      "t[\"dense/kernel\"] = channels_first(t[\"dense/kernel\"], 3)\n    model.dense.load",
    ] { #expect(plain.contains(line), "\(plain)") }
    #expect(!plain.contains("beta\"], 3"))
    // Groups and another shape depend on which numbers are neighbours.
    let grouped = try text {
      Conv2D(4, kernelSize: 3)
      Flatten()
      GroupNormalization(groups: 2)
      Dense(2)
    }
    #expect(!grouped.contains("channels_first(") && grouped.contains("# channels last\n        x = x.flatten(1)\n"))
  }

  @Test func `Names that are none in Python, or something else there, become others`() {
    var names = PythonNames()
    let layers = [
      "dense", "my-layer", "layer_1", "forward", "forward_", "lambda", "_hidden", "1st", "", "größe", "x\"\n", "layer",
    ]
    let attributes = layers.map { names.attribute($0) }
    #expect(
      attributes == [
        "dense", "layer_1", "layer_1_1", "forward_", "forward__1", "lambda_", "layer_2", "layer_3", "layer_4",
        "layer_5",
        "layer_6", "layer",
      ])
    #expect(Set(attributes).count == attributes.count)
  }

  @Test func `Nothing from a file ends a text of Python`() throws {
    let layers: [(name: String?, layer: any Layer)] = [
      ("flatten", Flatten()), ("a\"\"\"\n'\\", Dense(2, activation: .softmax)),
    ]
    let network = try Architecture(input: [4, 4], layers: layers)
    let text = countingModel(network, classNames: ["\"\"\"\nimport os", "\u{1B}[31m"]).pyTorch(version: "1")
    #expect(text.contains("CLASSES = [\n    \"\\\"\\\"\\\"\\\\u{A}import os\", \"\\\\u{1B}[31m\",\n]"), "\(text)")
    #expect(text.contains("linear(t, \"a\\\"\\\"\\\"\\n'\\\\\")"))
  }

  @Test(arguments: try ArchitectureGolden.all())
  func `Lines have at most 120 columns, and equal models have equal texts`(golden: ArchitectureGolden) throws {
    let model = countingModel(try architecture(golden))
    let text = model.pyTorch(version: "1")
    #expect(text == model.pyTorch(version: "1"))
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 120 && !$0.hasSuffix(" ") })
    #expect(text.split(separator: "\n").count < 100)
  }
}
