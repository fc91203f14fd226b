import NeuralNet

/// The arrays of a weights file of Keras, with the network's names where the file has places instead of names.
struct KerasWeights {
  let weights: ForeignWeights

  /// Lists the arrays. In Keras 3's form they are matched by their places (`KerasPaths`); in the older one, below `model_weights` or in
  /// the whole file, by their names.
  init(_ source: any HDF5Bytes, _ paths: KerasPaths) throws {
    let file = try HDF5File(source)
    let root = try file.rootGroup()
    let names = Set(try root.children().map(\.name))
    if let group = try Self.placesGroup.first(where: names.contains).flatMap(root.child) {
      weights = try Self.byPlace(file, group, paths)
      return
    }
    let group = try root.child("model_weights") ?? root
    let arrays = try file.arrays(below: group).map { ($0.path, try HDF5Array($0.object)) }
    weights = ForeignWeights(
      entries: arrays.map { path, array in
        WeightEntry(name: path, type: array.weightType?.rawValue ?? array.type.name, shape: array.shape ?? [0])
      }, bytes: { try arrays[$0].1.elements() })
  }

  /// The group of a model's layers: Keras 3's name for it, and that of TensorFlow 2.13's Keras.
  private static let placesGroup = ["layers", "_layer_checkpoint_dependencies"]

  private static func byPlace(
    _ file: HDF5File, _ group: HDF5Object, _ paths: KerasPaths
  ) throws -> ForeignWeights {
    let places = paths.tensors
    var entries: [WeightEntry] = []
    var arrays: [HDF5Array] = []
    for (path, object) in try file.arrays(below: group) {
      // The state of a layer's random numbers is no weight.
      guard !path.contains("seed_generator/") else { continue }
      let array = try HDF5Array(object)
      let label = "layers/\(path)"
      entries.append(
        WeightEntry(
          name: places[label]?.name ?? label, label: label, type: array.weightType?.rawValue ?? array.type.name,
          shape: array.shape ?? [0]))
      arrays.append(array)
    }
    let unused = entries.filter { places[$0.label] == nil }
    let missing = places.filter { place in !entries.contains { $0.label == place.key } }
    // What is missing says more than what is left over.
    if missing.isEmpty, !unused.isEmpty {
      throw SafetensorsError(.leftOver(unused.map(\.text), of: entries.count))
    }
    return ForeignWeights(entries: entries, bytes: { try arrays[$0].elements() })
  }
}
