import NeuralNet
import Platform

/// Which module of a PyTorch `state_dict` is which layer of the network.
///
/// A `state_dict` has no network, and a safetensors file no order: names and shapes are all there is. A module's kind and size, its
/// parts and their shapes, must be those of a layer. Among equals, modules that are called as the layers are these layers; otherwise
/// they follow the numbers in their names, if these are all that they differ in. Everything in the file must belong to a layer.
struct TorchLayout {
  /// The network's layers with weights, and the module of each.
  private let pairs: [(layer: TorchLayer, module: TorchModule)]
  private let layout: ParameterLayout

  /// The modules of a file for a network; nil if its names are not PyTorch's.
  ///
  /// - Throws: an error with the tensors that do not fit, and what was expected.
  init?(_ entries: [WeightEntry], of architecture: Architecture) throws(SafetensorsError) {
    guard let modules = TorchModule.list(entries) else { return nil }
    layout = architecture.layout
    let layers = try Self.layers(of: architecture)
    let bySignature = Dictionary(grouping: modules) { $0.signature(entries) }
    let needed = Dictionary(grouping: layers.indices) { layers[$0].signature }
    try Self.requireFit(layers, modules, entries)
    var found: [Int: TorchModule] = [:]
    for (signature, places) in needed {
      let own = try Self.ordered(bySignature[signature] ?? [], like: places.map { layers[$0].name })
      for (place, module) in zip(places, own) { found[place] = module }
    }
    pairs = layers.indices.compactMap { place in found[place].map { (layers[place], $0) } }
  }

  /// The parameters in the network's layout.
  func parameters(_ weights: ForeignWeights) throws -> [Float] {
    var parameters = [Float](repeating: 0, count: layout.paddedCount)
    for (layer, module) in pairs {
      layer.fill(&parameters, from: try module.parts.mapValues { try weights.values($0) })
    }
    return parameters
  }

  /// There must be as many modules of each kind and size as layers.
  private static func requireFit(
    _ layers: [TorchLayer], _ modules: [TorchModule], _ entries: [WeightEntry]
  ) throws(SafetensorsError) {
    var free = modules
    var unmet: [TorchLayer] = []
    for layer in layers {
      if let index = free.firstIndex(where: { $0.signature(entries) == layer.signature }) {
        free.remove(at: index)
      } else {
        unmet.append(layer)
      }
    }
    let left = free.flatMap { module in module.parts.values.sorted().map { entries[$0].text } }
    if !unmet.isEmpty {
      let needed = unmet.prefix(6).map { "\($0.signature) for \($0.name)" }.joined(separator: "; ")
      let found = left.isEmpty ? "nothing more" : left.prefix(12).joined(separator: ", ")
      throw SafetensorsError(.otherLayer(found: found, needed: needed))
    }
    if !left.isEmpty { throw SafetensorsError(.leftOver(left, of: entries.count)) }
  }

  /// Modules of one kind and size in the order of the layers of these names.
  private static func ordered(
    _ modules: [TorchModule], like names: [String]
  ) throws(SafetensorsError) -> [TorchModule] {
    guard modules.count > 1 else { return modules }
    let named = names.compactMap { name in
      modules.first { $0.level == 0 && $0.path.split(separator: ".").last.map(String.init) == name }
    }
    if named.count == names.count { return named }
    if let other = modules.first(where: { $0.stem != modules[0].stem }) {
      throw SafetensorsError(.unclearOrder(modules[0].title, other.title, names))
    }
    return modules.sorted { $0.order.lexicographicallyPrecedes($1.order) }
  }

  /// The network's layers with weights.
  private static func layers(of architecture: Architecture) throws(SafetensorsError) -> [TorchLayer] {
    var order = TorchOrder(input: architecture.input)
    var layers: [TorchLayer] = []
    for stage in architecture.stages {
      if !stage.layer.weights(stage.input).isEmpty {
        let places = order.flattened.map { shape in
          (0..<shape.count).map { $0 % shape.channels * shape.positions + $0 / shape.channels }
        }
        layers.append(TorchLayer(stage, inputOrder: places, architecture.layout))
      }
      if let normalization = stage.layer as? GroupNormalization, order.flattened != nil, normalization.groups != 1 {
        throw SafetensorsError(
          .otherLayer(
            found: "the channels of a convolution before its places",
            needed: "neighbouring channels for the groups of \(stage.name)"))
      }
      order.pass(stage)
    }
    return layers
  }
}
