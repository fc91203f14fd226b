import ModelFiles
import NeuralNet
import Platform
import TestFiles
import TestTags
import Testing

/// Names, shapes and orders of PyTorch; whether PyTorch agrees, Tests/System/test_keras_files.py asks it.
@Suite("PyTorch's layout is recognised", .tags(.files))
struct TorchLayoutTests {
  /// A tensor of the numbers `first`, `first + 1`, ...
  private func counting(_ name: String, _ shape: Int..., from first: Float = 0) -> Tensor {
    Tensor(name: name, shape: shape, values: (0..<shape.reduce(1, *)).map { first + Float($0) })
  }

  private func read(_ tensors: [Tensor], _ network: Architecture) throws -> ModelFile {
    let scratch = try Scratch()
    let path = "\(scratch.path)/torch.safetensors"
    try TensorFile(tensors: tensors).write(to: path)
    return try ModelFile(path: path, network: network)
  }

  private func values(_ model: ModelFile, _ name: String) -> [Float] {
    Array(model.parameters[model.architecture.layout[name].range])
  }

  @Test func `A Linear is transposed, and ten comes after nine`() throws {
    let network = try Architecture(input: [2]) {
      Dense(2)
      Dense(2)
      Dense(3)
    }
    let model = try read(
      [
        counting("net.10.weight", 2, 2, from: 100), counting("net.10.bias", 2), counting("net.9.weight", 2, 2),
        counting("net.9.bias", 2, from: 7), counting("head.weight", 3, 2), counting("head.bias", 3),
      ], network)
    #expect(values(model, "dense/kernel") == [0, 2, 1, 3])
    #expect(values(model, "dense/bias") == [7, 8])
    #expect(values(model, "dense_1/kernel") == [100, 102, 101, 103])
    #expect(values(model, "dense_2/kernel") == [0, 2, 4, 1, 3, 5])
  }

  @Test func `An LSTM's two biases are one, the layers of a module are two`() throws {
    let network = try Architecture(input: [3, 1]) {
      LSTM(1, returnSequences: true)
      LSTM(1)
      Dense(2)
    }
    let parts = [0, 1].flatMap { level in
      [
        counting("rnn.weight_ih_l\(level)", 4, 1, from: Float(10 * level)), counting("rnn.weight_hh_l\(level)", 4, 1),
        counting("rnn.bias_ih_l\(level)", 4), counting("rnn.bias_hh_l\(level)", 4, from: 100),
      ]
    }
    let model = try read(parts + [counting("out.weight", 2, 1), counting("out.bias", 2)], network)
    #expect(values(model, "lstm/kernel") == [0, 1, 2, 3])
    #expect(values(model, "lstm_1/kernel") == [10, 11, 12, 13])
    #expect(values(model, "lstm/bias") == [100, 102, 104, 106])
  }

  @Test func `A GRU's first gates change places, and its biases stay two`() throws {
    let network = try Architecture(input: [3, 2]) {
      Bidirectional(GRU(1))
      Dense(2)
    }
    let parts = ["", "_reverse"].flatMap { end in
      [
        counting("gru.weight_ih_l0\(end)", 3, 2, from: end.isEmpty ? 0 : 50), counting("gru.weight_hh_l0\(end)", 3, 1),
        counting("gru.bias_ih_l0\(end)", 3), counting("gru.bias_hh_l0\(end)", 3, from: 10),
      ]
    }
    let model = try read(parts + [counting("out.weight", 2, 2), counting("out.bias", 2)], network)
    #expect(values(model, "bidirectional/forward/kernel") == [2, 0, 4, 3, 1, 5])
    #expect(values(model, "bidirectional/backward/kernel") == [52, 50, 54, 53, 51, 55])
    #expect(values(model, "bidirectional/forward/bias") == [1, 0, 2, 11, 10, 12])
  }

  @Test func `What is flattened after a convolution has the channels first`() throws {
    let network = try Architecture(input: [2, 1]) {
      Conv1D(2, kernelSize: 1)
      Flatten()
      Dense(2)
    }
    let model = try read(
      [
        counting("conv.weight", 2, 1, 1), counting("conv.bias", 2), counting("fc.weight", 2, 4), counting("fc.bias", 2),
      ], network)
    // Keras' order is position, channel; PyTorch's column of (channel c, position p) is 2 c + p.
    #expect(values(model, "dense/kernel") == [0, 4, 2, 6, 1, 5, 3, 7])
  }

  @Test func `What does not fit is named`() throws {
    let network = try Architecture(input: [2]) {
      Dense(2)
      Dense(2)
    }
    let unclear = [
      counting("body.weight", 2, 2), counting("body.bias", 2), counting("head.weight", 2, 2), counting("head.bias", 2),
    ]
    #expect { try read(unclear, network) } throws: { error in
      "\(error)".contains(
        "modules of the same shapes, 'body' and 'head', and their names do not tell which is which of dense, dense_1")
    }
    #expect { try read(Array(unclear.dropLast()), network) } throws: { error in
      "\(error)".contains(
        "does not fit the network: it has head.weight F32 [2, 2]; the network needs bias [2], weight [2, 2] for dense_1"
      )
    }
    let more = unclear.map {
      Tensor(
        name: $0.name.replacing("body", with: "dense").replacing("head", with: "dense_1"), shape: $0.shape,
        values: $0.values)
    }
    #expect(try values(read(more, network), "dense_1/bias") == [0, 1])
    #expect { try read(more + [counting("bn.running_mean", 2)], network) } throws: { error in
      "\(error)".contains("it has bn.running_mean F32 [2], 1 of its 5 tensors, for which this one has no layer")
    }
  }
}
