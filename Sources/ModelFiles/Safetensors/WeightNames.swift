import NeuralNet

/// Finds the network's tensors in a file, under the names that Keras and TensorFlow give them.
///
/// Names are split at `/`. They may begin with the names of containers (`sequential/`, `model/layers/`, a checkpoint's
/// `best/`), have the cell between a recurrent layer and its weight (`lstm/lstm_cell/kernel`, Keras 3's `Variable.path`),
/// the wrapped layer's own name where a direction of a bidirectional one is meant (`bidirectional/forward_lstm/...`), and
/// end in TensorFlow's `:0`. The layers of a second model in one Python process continue the numbering (`lstm_2`,
/// `lstm_3`): if a kind of layer occurs as often as in the network, its layers are matched in numerical order.
struct WeightNames {
  /// The index in the file of each tensor found, by the network's name.
  private(set) var indices: [String: Int] = [:]

  /// - Parameters:
  ///   - names: the names of the file's tensors.
  ///   - layout: the network's.
  /// - Throws: `ambiguousTensor` if two tensors of the file match one of the network's.
  init(_ names: [String], in layout: ParameterLayout) throws(SafetensorsError) {
    let expected = Set(layout.tensors.map(\.name))
    // A file that has the network's own names needs no guess at what others mean.
    let exact = Dictionary(zip(names, names.indices), uniquingKeysWith: { first, _ in first })
    indices = exact.filter { expected.contains($0.key) }
    guard indices.count < expected.count else { return }
    let layers = Set(expected.compactMap { $0.split(separator: "/").first.map(String.init) })
    let paths = names.map { Path($0, layers: layers) }
    let renumbered = Self.renumbered(
      paths.compactMap(\.self), like: expected.compactMap { Path($0, layers: layers) })
    for (index, path) in paths.enumerated() {
      guard let path else { continue }
      let name = "\(renumbered[path.layer] ?? path.layer)/\(path.weight)"
      guard expected.contains(name) else { continue }
      // The network's own name takes precedence over any other that matches.
      if let other = indices[name], names[other] != name, names[index] != name {
        throw SafetensorsError(.ambiguousTensor(name, names[other], names[index]))
      }
      if indices[name].map({ names[$0] != name }) ?? true { indices[name] = index }
    }
  }

  /// The last relevant components of a name: the layer and the weight, with the direction of a bidirectional layer before
  /// it.
  private struct Path {
    let layer: String
    let weight: String

    /// - Parameter layers: the network's layers, which are no cells whatever they are called.
    init?(_ name: String, layers: Set<String>) {
      var parts = name.split(separator: "/").map(String.init)
      if let last = parts.last, last.hasSuffix(":0") { parts[parts.count - 1] = String(last.dropLast(2)) }
      parts.removeAll { ["lstm_cell", "gru_cell", "cell"].contains(LayerName($0).kind) && !layers.contains($0) }
      guard parts.count >= 2 else { return nil }
      if parts.count >= 3, let direction = Self.direction(parts[parts.count - 2]) {
        layer = parts[parts.count - 3]
        weight = "\(direction)/\(parts[parts.count - 1])"
      } else {
        layer = parts[parts.count - 2]
        weight = parts[parts.count - 1]
      }
    }

    private static func direction(_ name: String) -> String? {
      ["forward", "backward"].first { name == $0 || name.hasPrefix("\($0)_") }
    }
  }

  /// A layer's name in Keras: `lstm`, `lstm_1`, `lstm_2`, ...
  private struct LayerName {
    let kind: String
    let number: Int

    init(_ name: String) {
      let digits = String(name.reversed().prefix { $0.isASCII && $0.isNumber }.reversed())
      guard let number = Int(digits), name.dropLast(digits.count).hasSuffix("_") else {
        (kind, self.number) = (name, 0)
        return
      }
      (kind, self.number) = (String(name.dropLast(digits.count + 1)), number)
    }
  }

  /// The network's layer for each of the file's layers, for the kinds that occur equally often in both.
  private static func renumbered(_ found: [Path], like expected: [Path]) -> [String: String] {
    func layers(_ paths: [Path]) -> [String: [String]] {
      Dictionary(grouping: Set(paths.map(\.layer)), by: { LayerName($0).kind }).mapValues { names in
        names.sorted { (LayerName($0).number, $0) < (LayerName($1).number, $1) }
      }
    }
    let there = layers(found)
    var renumbered: [String: String] = [:]
    for (kind, names) in layers(expected) {
      guard let others = there[kind], others.count == names.count else { continue }
      for (other, name) in zip(others, names) { renumbered[other] = name }
    }
    return renumbered
  }
}
