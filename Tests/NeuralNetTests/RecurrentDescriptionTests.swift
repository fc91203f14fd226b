import FoundationEssentials
import NeuralNet
import TestTags
import Testing

@Suite("Recurrent layers as Keras describes them")
struct RecurrentDescriptionTests {
  /// A model of [6, 9] inputs: one layer's class and options, and a dense layer.
  private func model(_ layer: String, _ options: String) throws -> Architecture {
    let text = """
      {"class_name": "Sequential", "config": {"name": "sequential", "layers": [
        {"class_name": "InputLayer", "config": {"batch_shape": [null, 6, 9]}},
        {"class_name": "\(layer)", "config": {\(options)}},
        {"class_name": "Dense", "config": {"units": 25, "activation": "softmax"}}]}}
      """
    return try JSONDecoder().decode(Architecture.self, from: Data(text.utf8))
  }

  private func wrapped(_ layer: String, _ options: String) -> String {
    #"{"class_name": "\#(layer)", "config": {\#(options)}}"#
  }

  private func expectRefused(_ layer: String, _ options: String, _ words: String...) {
    do {
      _ = try model(layer, options)
      Issue.record("\(layer) with \(options) is not refused")
    } catch {
      for word in words { #expect("\(error)".contains(word), "\(error)") }
    }
  }

  @Test func `Weights have Keras' names, order and shapes`() throws {
    let both = try Architecture(input: [6, 9]) {
      Bidirectional(LSTM(5, returnSequences: true))
      GRU(7)
      Dense(25, activation: .softmax)
    }
    #expect(
      both.layout.tensors.map { "\($0.name) \($0.shape)" } == [
        "bidirectional/forward/kernel [9, 20]", "bidirectional/forward/recurrent_kernel [5, 20]",
        "bidirectional/forward/bias [20]", "bidirectional/backward/kernel [9, 20]",
        "bidirectional/backward/recurrent_kernel [5, 20]", "bidirectional/backward/bias [20]",
        "gru/kernel [10, 21]", "gru/recurrent_kernel [7, 21]", "gru/bias [2, 21]", "dense/kernel [7, 25]",
        "dense/bias [25]",
      ])
    #expect(both.stages.map(\.output) == [[6, 10], [7], [25]])
  }

  @Test func `The work of a first layer includes the gradients of its states, not that of its input`() throws {
    let lstm = try Architecture(input: [28, 28]) {
      LSTM(128)
      Dense(25, activation: .softmax)
    }
    let (forward, throughTime) = (28 * 512 * (28 + 128), 27 * 512 * 128)
    #expect(lstm.multiplyAccumulatesPerSample == 2 * forward + throughTime + 3 * 128 * 25)
    let both = try Architecture(input: [28, 28]) {
      Bidirectional(GRU(64))
      Dense(25, activation: .softmax)
    }
    let ofOne = 2 * 28 * 192 * (28 + 64) + 27 * 192 * 64
    #expect(both.multiplyAccumulatesPerSample == 2 * ofOne + 3 * 128 * 25)
  }

  @Test(arguments: [MergeMode.concat, .sum, .ave, .mul])
  func `Only concat doubles the channels`(_ mode: MergeMode) throws {
    let network = try Architecture(input: [6, 9]) { Bidirectional(GRU(5), mergeMode: mode) }
    #expect(network.classes == (mode == .concat ? 10 : 5))
  }

  @Test func `A description is read as it is written`() throws {
    let network = try Architecture(input: [6, 9]) {
      Bidirectional(LSTM(5, returnSequences: true, dropout: 0.25, unitForgetBias: false), mergeMode: .ave)
      Bidirectional(GRU(4, returnSequences: true, recurrentDropout: 0.5, useBias: false))
      GRU(3, returnSequences: true, goBackwards: true)
      LSTM(3, goBackwards: true, useBias: false)
    }
    let again = try JSONDecoder().decode(Architecture.self, from: JSONEncoder().encode(network))
    #expect(again == network)
    #expect(again.layout == network.layout)
  }

  @Test func `The backward layer that Keras writes is taken`() throws {
    let plain = try model("Bidirectional", #""layer": \#(wrapped("GRU", #""units": 4"#))"#)
    let written = try model(
      "Bidirectional",
      #""layer": \#(wrapped("GRU", #""units": 4, "name": "forward_gru""#)), "merge_mode": "concat", "#
        + #""backward_layer": \#(wrapped("GRU", #""units": 4, "go_backwards": true, "name": "backward_gru""#))"#)
    #expect(plain == written)
  }

  @Test func `What Bidirectional cannot be is refused with what it can`() {
    let lstm = wrapped("LSTM", #""units": 4"#)
    expectRefused("Bidirectional", #""layer": \#(lstm), "merge_mode": null"#, "merge_mode = None", "'ave'")
    expectRefused("Bidirectional", #""layer": \#(lstm), "merge_mode": "max""#, "merge_mode = 'max'", "'concat'")
    expectRefused("Bidirectional", #""merge_mode": "sum""#, "'layer'")
    expectRefused("Bidirectional", #""layer": \#(wrapped("Dense", #""units": 4"#))"#, "'Dense'", "LSTM", "GRU")
    expectRefused("Bidirectional", #""layer": "LSTM""#, "class_name")
    expectRefused(
      "Bidirectional", #""layer": \#(wrapped("LSTM", #""units": 4, "go_backwards": true"#))"#, "go_backwards")
    expectRefused(
      "Bidirectional", #""layer": \#(wrapped("LSTM", #""units": 4, "name": "forward_lstm", "stateful": true"#))"#,
      "forward_lstm", "stateful")
    let others = [
      wrapped("LSTM", #""units": 4"#), wrapped("LSTM", #""units": 5, "go_backwards": true"#),
      wrapped("GRU", #""units": 4, "go_backwards": true"#),
      wrapped("LSTM", #""units": 4, "go_backwards": true, "unit_forget_bias": false"#),
    ]
    for other in others {
      expectRefused(
        "Bidirectional", #""layer": \#(lstm), "backward_layer": \#(other)"#, "backward_layer", "leave it out")
    }
  }

  @Test func `Options that would compute something else are refused`() {
    expectRefused("GRU", #""units": 4, "reset_after": false"#, "reset_after = False", "True is")
    expectRefused("GRU", #""units": 4, "time_major": true"#, "time_major")
    expectRefused("GRU", #""units": 4, "return_state": true"#, "return_state")
    expectRefused("LSTM", #""units": 4, "bias_initializer": "ones""#, "bias_initializer", "unit_forget_bias")
    expectRefused("LSTM", #""units": 0"#, "units = 0")
  }

  @Test func `A window that is larger than any memory is refused`() {
    expectRefused("MaxPooling1D", #""pool_size": 1048577"#, "pool_size")
    let text = """
      {"class_name": "Sequential", "config": {"layers": [
        {"class_name": "InputLayer", "config": {"batch_shape": [null, 28, 28, 1]}},
        {"class_name": "MaxPooling2D", "config": {"pool_size": 1048576, "strides": 1, "padding": "same"}}]}}
      """
    let error = #expect(throws: ArchitectureError.self) {
      _ = try JSONDecoder().decode(Architecture.self, from: Data(text.utf8))
    }
    #expect(error?.problem.contains("use fewer or smaller ones") == true)
  }

  @Test func `A network without weights is refused`() {
    let error = #expect(throws: ArchitectureError.self) {
      _ = try Architecture(input: [6, 9]) {
        Flatten()
        Activation(.softmax)
      }
    }
    #expect(error?.problem.contains("has no weights") == true)
  }

  @Test(arguments: [ActivationFunction.relu, .sigmoid, .tanh])
  func `A network must end in softmax or in the logits`(_ function: ActivationFunction) {
    let error = #expect(throws: ArchitectureError.self) {
      _ = try Architecture(input: [6, 9]) {
        GRU(4)
        Dense(25, activation: function)
      }
    }
    #expect(error?.problem.contains("softmax") == true)
  }
}
