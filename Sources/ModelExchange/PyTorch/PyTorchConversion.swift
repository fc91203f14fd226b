extension PyTorchNetwork {
  /// What turns a layer's weights, in Keras' layout, into PyTorch's state: a function of the generated file.
  enum Conversion: CaseIterable {
    case dense
    case convolution
    case lstm
    case gru
    case normalization
    /// The two directions of a recurrence.
    case bidirectional
    /// What a Flatten makes, and with it the first dimension of the next layer's weights.
    case flattened
  }
}

extension PyTorchNetwork.Conversion {
  /// Its name in the file.
  var function: String {
    switch self {
    case .dense: "linear"
    case .convolution: "conv"
    case .lstm: "lstm"
    case .gru: "gru"
    case .normalization: "norm"
    case .bidirectional: "both"
    case .flattened: "channels_first"
    }
  }

  /// Its definition. If it is complete, no layer lacks a bias, a beta or a gamma.
  func definition(isComplete: Bool) -> String {
    switch self {
    case .dense:
      weighted("linear", "t[name + \"/kernel\"].T  # Keras has [inputs, outputs]", isComplete)
    case .convolution:
      weighted(
        "conv", "t[name + \"/kernel\"].movedim((-1, -2), (0, 1))  # Keras has [window, channels, filters]", isComplete)
    case .lstm: recurrence(isComplete, Self.lstmParts)
    case .gru: recurrence(isComplete, Self.gruParts)
    case .bidirectional: Self.bothDirections
    case .flattened: Self.channelsFirst
    case .normalization: isComplete ? Self.wholeNormalization : Self.partialNormalization
    }
  }

  private func weighted(_ name: String, _ weight: String, _ isComplete: Bool) -> String {
    let bias =
      isComplete
      ? "return {\"weight\": weight, \"bias\": t[name + \"/bias\"]}"
      : "return {\"weight\": weight} | ({\"bias\": t[name + \"/bias\"]} if name + \"/bias\" in t else {})"
    return """
      def \(name)(t, name):
          weight = \(weight)
          \(bias)
      """
  }

  /// What a recurrence's conversion says of its gates, how it reorders a tensor, and which biases it has.
  private struct RecurrentParts {
    let name: String, comment: String
    let gates: [String]
    let kernel: String, recurrent: String
    let biases: [String]
  }

  private static let lstmParts = RecurrentParts(
    name: "lstm", comment: "# Both have the gates i, f, c, o. Keras' bias is one, PyTorch's is the sum of two.",
    gates: [],
    kernel: "t[name + \"/kernel\"].T", recurrent: "t[name + \"/recurrent_kernel\"].T",
    biases: ["t[name + \"/bias\"]", "torch.zeros_like(t[name + \"/bias\"])"])

  private static let gruParts = RecurrentParts(
    name: "gru", comment: "# Keras has the gates z, r, h, PyTorch r, z, h; both multiply by r after the product.",
    gates: [
      "def gates(x):", "    z, r, h = x.unflatten(0, (3, -1))", "    return torch.cat((r, z, h))", "",
    ],
    kernel: "gates(t[name + \"/kernel\"].T)", recurrent: "gates(t[name + \"/recurrent_kernel\"].T)",
    biases: ["gates(t[name + \"/bias\"][0])", "gates(t[name + \"/bias\"][1])"])

  private func recurrence(_ isComplete: Bool, _ parts: RecurrentParts) -> String {
    var lines = [parts.comment] + parts.gates
    lines.append("state = {\"weight_ih_l0\": \(parts.kernel), \"weight_hh_l0\": \(parts.recurrent)}")
    let biases = "{\"bias_ih_l0\": \(parts.biases[0]), \"bias_hh_l0\": \(parts.biases[1])}"
    if isComplete {
      lines.append("state |= \(biases)")
    } else {
      lines += ["if name + \"/bias\" in t:", "    state |= \(biases)"]
    }
    lines.append("return {key + suffix: value for key, value in state.items()}")
    return "def \(parts.name)(t, name, suffix=\"\"):\n"
      + lines.map { $0.isEmpty ? "" : "    " + $0 }.joined(separator: "\n")
  }

  private static let bothDirections = """
    def both(convert, t, name):
        return convert(t, name + "/forward") | convert(t, name + "/backward", "_reverse")
    """

  private static let channelsFirst = """
    def channels_first(x, channels):  # Keras flattens with the channels last, PyTorch with them first
        return x.unflatten(0, (-1, channels)).transpose(0, 1).flatten(0, 1)
    """

  private static let wholeNormalization = """
    def norm(t, name):
        return {"weight": t[name + "/gamma"], "bias": t[name + "/beta"]}
    """

  private static let partialNormalization = """
    def norm(t, name):
        gamma, beta = t.get(name + "/gamma"), t.get(name + "/beta")
        return {
            "weight": torch.ones_like(beta) if gamma is None else gamma,
            "bias": torch.zeros_like(gamma) if beta is None else beta,
        }
    """
}
