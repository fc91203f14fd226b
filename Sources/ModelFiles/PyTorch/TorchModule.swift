import NeuralNet

/// The tensors of one module of a PyTorch `state_dict`: `fc1.weight` and `fc1.bias`, or of one layer of an LSTM with several.
struct TorchModule {
  /// The module's path, such as `features.0`; of an LSTM or GRU without `_l0`.
  let path: String
  /// The layer within an LSTM or GRU; 0 for others.
  let level: Int
  /// The tensors' indices in the file, by their names without the level: `weight`, `weight_ih`, `bias_hh_reverse`, ...
  var parts: [String: Int] = [:]

  /// The modules of a file, as they come; nil if its names are not PyTorch's.
  static func list(_ entries: [WeightEntry]) -> [TorchModule]? {
    let isTorch = entries.contains { entry in
      let (path, leaf) = parts(of: entry.name)
      return (leaf == "weight" && !path.isEmpty) || leaf.hasPrefix("weight_ih_l")
    }
    guard isTorch, !entries.contains(where: { $0.name.contains("/") }) else { return nil }
    var modules: [TorchModule] = []
    var places: [String: Int] = [:]
    for (index, entry) in entries.enumerated() {
      let (path, last) = parts(of: entry.name)
      let (leaf, level) = split(last)
      let key = "\(path) \(level)"
      if places[key] == nil {
        places[key] = modules.count
        modules.append(TorchModule(path: String(path), level: level))
      }
      if let place = places[key] { modules[place].parts[leaf] = index }
    }
    return modules
  }

  /// `features.0.weight` as `features.0` and `weight`.
  private static func parts(of name: String) -> (path: Substring, leaf: Substring) {
    guard let dot = name.lastIndex(of: ".") else { return ("", name[...]) }
    return (name[..<dot], name[name.index(after: dot)...])
  }

  /// `weight_ih_l1_reverse` as `weight_ih_reverse` and 1.
  private static func split(_ leaf: Substring) -> (leaf: String, level: Int) {
    let reverse = leaf.hasSuffix("_reverse") ? "_reverse" : ""
    // An LSTM's, which have several layers; any other's name is whole.
    let stem = leaf.dropLast(reverse.count)
    let digits = stem.reversed().prefix { $0.isASCII && $0.isNumber }.count
    let kind = stem.dropLast(digits)
    guard digits > 0, kind.hasSuffix("_l"), let level = Int(stem.suffix(digits)) else { return (String(leaf), 0) }
    return (kind.dropLast(2) + reverse, level)
  }

  /// What tells modules of one kind and size from others: the parts and their shapes.
  func signature(_ entries: [WeightEntry]) -> String {
    TorchLayer.signature(parts.mapValues { entries[$0].shape })
  }

  /// The path with its level, where it has one.
  var title: String { level == 0 ? path : "\(path) (layer \(level))" }

  /// The path's words and numbers, so that 10 comes after 9.
  var order: [Piece] { Piece.list(path) + [Piece(text: "", number: level)] }

  /// The path without its numbers.
  var stem: String { Piece.list(path).map { $0.number < 0 ? $0.text : "#" }.joined() }

  /// Some letters or a number of a path.
  struct Piece: Comparable {
    let text: String
    /// -1 for letters.
    let number: Int

    static func list(_ path: String) -> [Piece] {
      var pieces: [Piece] = []
      var rest = path[...]
      while let first = rest.first {
        let isDigit = first.isASCII && first.isNumber
        let run = rest.prefix { ($0.isASCII && $0.isNumber) == isDigit }
        pieces.append(Piece(text: isDigit ? "" : String(run), number: isDigit ? Int(run) ?? .max : -1))
        rest = rest.dropFirst(run.count)
      }
      return pieces
    }

    static func < (a: Piece, b: Piece) -> Bool { (a.number, a.text) < (b.number, b.text) }
  }
}
