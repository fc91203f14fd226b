import GoldenValues
import ModelExchange
import NeuralNet
import Testing

/// What is in an ONNX file; whether runtimes compute the right numbers from it, Tests/System/test_export.py asks them.
@Suite struct ONNXTests {
  private func graph(_ model: ExportedModel) -> ProtobufReader {
    ProtobufReader(model.onnx(version: "1.2.3")).messages(7)[0]
  }

  private func operations(_ model: ExportedModel) -> [String] { graph(model).messages(1).flatMap { $0.texts(4) } }

  /// A constant's shape and values.
  private func constant(_ name: String, _ model: ExportedModel) throws -> (shape: [Int], values: [Float]) {
    let tensor = try #require(graph(model).messages(5).first { $0.texts(8) == [name] })
    let bytes = tensor.bytes(9)[0]
    let values = stride(from: 0, to: bytes.count, by: 4).map { at in
      Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[at + $1]) << (8 * UInt32($1)) })
    }
    return (tensor.numbers(1), values)
  }

  @Test func `The default network has its own operators and turns its values once`() {
    #expect(
      operations(countingModel(.signLanguageMNIST())) == [
        "Cast", "Div", "Unsqueeze", "Conv", "Squeeze", "Relu", "MaxPool", "Transpose", "LSTM", "Squeeze", "LSTM",
        "Squeeze",
        "Gemm",
        "Relu", "Gemm", "Softmax",
      ])
  }

  @Test func `The file says what it is`() {
    let model = countingModel(
      .signLanguageMNIST(), preprocessing: .standardized, classNames: (0..<25).map { "c\"\($0)" }, inverts: true)
    let file = ProtobufReader(model.onnx(version: "1.2.3"))
    #expect(file.numbers(1) == [8])
    #expect(file.texts(2) + file.texts(3) == ["fingerspell", "1.2.3"])
    #expect(file.messages(8).map { $0.texts(1) + $0.numbers(2).map(String.init) } == [["", "17"]])
    let metadata = file.messages(14).map { [$0.texts(1)[0], $0.texts(2)[0]] }
    let names = "[" + (0..<25).map { "\"c\\\"\($0)\"" }.joined(separator: ",") + "]"
    #expect(
      metadata == [
        ["class_names", names], ["preprocessing", "standardized"], ["inverted", "true"],
        ["parameters_sha256", model.checksum],
      ])
  }

  @Test func `Inputs and outputs have a batch of any length`() {
    let graph = graph(countingModel(.signLanguageMNIST()))
    func ports(_ field: Int) -> [[String]] {
      graph.messages(field).map { port in
        let tensor = port.messages(2)[0].messages(1)[0]
        let sides = tensor.messages(2)[0].messages(1).flatMap { $0.numbers(1).map(String.init) + $0.texts(2) }
        return port.texts(1) + tensor.numbers(1).map(String.init) + sides
      }
    }
    #expect(ports(11) == [["image", "2", "batch", "28", "28"]])
    #expect(ports(12) == [["probabilities", "1", "batch", "25"], ["logits", "1", "batch", "25"]])
  }

  @Test func `An LSTM's gates are in the order i o f c`() throws {
    let network = try Architecture(input: [2, 1]) {
      LSTM(1)
      Dense(2)
    }
    let model = countingModel(network)
    // Kernel 0 1 2 3, recurrent kernel 4 5 6 7, bias 8 9 10 11, each i f c o.
    #expect(try constant("lstm/kernel", model) == ([1, 4, 1], [0, 3, 1, 2]))
    #expect(try constant("lstm/recurrent_kernel", model) == ([1, 4, 1], [4, 7, 5, 6]))
    #expect(try constant("lstm/bias", model) == ([1, 8], [8, 11, 9, 10, 0, 0, 0, 0]))
  }

  @Test func `A convolution's kernel has the filters first`() throws {
    let network = try Architecture(input: [3, 2]) {
      Conv1D(2, kernelSize: 2)
      Flatten()
      Dense(2)
    }
    // [window, channels, filters] = [2, 2, 2]; of rows, the channels are the width of an image of one.
    #expect(try constant("conv1d/kernel", countingModel(network)) == ([2, 1, 2, 2], [0, 2, 4, 6, 1, 3, 5, 7]))
    let second = try Architecture(input: [4, 2]) {
      Conv1D(2, kernelSize: 2)
      Conv1D(2, kernelSize: 2)
      Flatten()
      Dense(2)
    }
    // 10 numbers belong to the first one.
    #expect(
      try constant("conv1d_1/kernel", countingModel(second)) == ([2, 2, 2], [10, 14, 12, 16, 11, 15, 13, 17]))
  }

  @Test func `Layers may have the names of inputs and outputs`() throws {
    let layers: [(name: String?, layer: any Layer)] = [
      ("image", Flatten()), ("logits", Dense(3, activation: .relu)), ("probabilities", Dense(2, activation: .softmax)),
    ]
    let model = countingModel(try Architecture(input: [4, 4], layers: layers))
    let outputs = graph(model).messages(1).flatMap { $0.texts(2) } + graph(model).messages(5).flatMap { $0.texts(8) }
    #expect(Set(outputs).count == outputs.count)
    #expect(outputs.count { $0 == "probabilities" } == 1 && outputs.count { $0 == "logits" } == 1)
    #expect(!outputs.contains("image"))
  }

  @Test(arguments: try ArchitectureGolden.all())
  func `Every value of a graph is made before it is used, once, and equal models have equal bytes`(
    golden: ArchitectureGolden
  ) throws {
    let model = countingModel(try architecture(golden))
    #expect(model.onnx(version: "1") == model.onnx(version: "1"))
    let graph = graph(model)
    var known: Set<String> = ["image", ""]
    for tensor in graph.messages(5) { #expect(known.insert(tensor.texts(8)[0]).inserted) }
    for node in graph.messages(1) {
      #expect(known.isSuperset(of: node.texts(1)), "\(node.texts(1))")
      for output in node.texts(2) where output != "" { #expect(known.insert(output).inserted) }
    }
    #expect(known.isSuperset(of: ["probabilities", "logits"]))
  }
}
