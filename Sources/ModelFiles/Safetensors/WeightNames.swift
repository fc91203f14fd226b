import NeuralNet

/// Finds the network's tensors among those of a file, under the names that Keras and its friends give them.
///
/// A name is taken apart at `/`. In front may stand whatever holds the layers (`sequential/`, `model/layers/`, a
/// checkpoint's `best/`); between a recurrent layer and its weight may stand its cell (`lstm/lstm_cell/kernel`, Keras 3's
/// `Variable.path`); behind may stand the `:0` of TensorFlow. A second model of one Python process has layers that are
/// numbered on (`lstm_2`, `lstm_3`): where a kind of layer occurs as often as in the network, its numbers count in order.
struct WeightNames {
  /// A tensor's index in the file, by the network's name for it.
  private(set) var indices: [String: Int] = [:]

  /// - Parameter names: the names of the file's tensors.
  /// - Throws: `ambiguousTensor` if two tensors of the file have the place of one.
  init(_ names: [String]) throws(SafetensorsError) {
    let expected = NetworkDefinition.layout.tensors.map(\.name)
    let paths = names.map { Path($0) }
    let renumbered = Self.renumbered(paths.compactMap(\.self), like: expected.compactMap { Path($0) })
    for (index, path) in paths.enumerated() {
      guard let path else { continue }
      let name = "\(renumbered[path.layer] ?? path.layer)/\(path.weight)"
      guard expected.contains(name) else { continue }
      // The network's own name goes before any other for the same place.
      if let other = indices[name], names[other] != name, names[index] != name {
        throw SafetensorsError(.ambiguousTensor(name, names[other], names[index]))
      }
      if indices[name].map({ names[$0] != name }) ?? true { indices[name] = index }
    }
  }

  /// The last two parts of a name that matter.
  private struct Path {
    let layer: String
    let weight: String

    init?(_ name: String) {
      var parts = name.split(separator: "/").map(String.init)
      if let last = parts.last, last.hasSuffix(":0") { parts[parts.count - 1] = String(last.dropLast(2)) }
      parts.removeAll { LayerName($0).kind == "lstm_cell" || LayerName($0).kind == "cell" }
      guard parts.count >= 2 else { return nil }
      layer = parts[parts.count - 2]
      weight = parts[parts.count - 1]
    }
  }

  /// A layer's name as Keras makes it: `lstm`, `lstm_1`, `lstm_2`, ...
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

  /// The network's layer for each of the file's, for the kinds of layers of which both have as many.
  private static func renumbered(_ found: [Path], like expected: [Path]) -> [String: String] {
    func layers(_ paths: [Path]) -> [String: [String]] {
      Dictionary(grouping: Set(paths.map(\.layer)), by: { LayerName($0).kind }).mapValues { names in
        names.sorted { LayerName($0).number < LayerName($1).number }
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
