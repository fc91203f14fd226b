import NeuralNet
import Platform

/// A tensor of any file, before it is read.
struct WeightEntry {
  /// The name by which it is matched with the network's tensors.
  var name: String
  /// The name in the file, for errors.
  var label: String
  /// The type in the file's words; only those of `WeightType` are read.
  var type: String
  var shape: [Int]

  init(name: String, label: String? = nil, type: String, shape: [Int]) {
    self.name = name
    self.label = label ?? name
    self.type = type
    self.shape = shape
  }

  /// `lstm/kernel F32 [64, 256]`, for errors.
  var text: String { "\(foreign(label, limit: 128)) \(foreign(type, limit: 16)) \(shape)" }
}

/// Fills a network's parameters from the tensors of a file.
struct ForeignWeights {
  let entries: [WeightEntry]
  /// Reads the elements of an entry as little-endian bytes of its type.
  let bytes: (Int) throws -> [UInt8]

  /// The parameters in a layout, and whether all of them were F32, and so are what was written.
  ///
  /// Every tensor of the network must be there, under a name that `WeightNames` knows, with the network's shape, of a type that is
  /// read, and finite. Elements are read only where the shape is the network's.
  func parameters(in layout: ParameterLayout) throws -> (values: [Float], isAsWritten: Bool) {
    let names = try WeightNames(entries.map(\.name), in: layout)
    let missing = layout.tensors.filter { names.indices[$0.name] == nil }
    guard missing.isEmpty else {
      throw SafetensorsError(
        .missingTensors(
          missing.map { "\($0.name) \($0.shape)" }, of: layout.tensors.count, found: entries.map(\.text)))
    }
    let found = layout.tensors.compactMap { tensor in names.indices[tensor.name].map { (tensor, $0) } }
    // The file is as large as its entries, and so are the parameters once these have the network's shapes.
    for (tensor, index) in found where entries[index].shape != tensor.shape {
      throw SafetensorsError(
        .wrongShape(tensor: entries[index].label, expected: tensor.shape, found: entries[index].shape))
    }
    var parameters = [Float](repeating: 0, count: layout.paddedCount)
    var isAsWritten = true
    for (tensor, index) in found {
      isAsWritten = isAsWritten && entries[index].type == WeightType.float32.rawValue
      parameters.replaceSubrange(tensor.range, with: try values(index))
    }
    return (parameters, isAsWritten)
  }

  /// The elements of an entry in single precision, all finite.
  func values(_ index: Int) throws -> [Float] {
    let entry = entries[index]
    guard let type = WeightType(rawValue: entry.type) else {
      let known = WeightType.allCases.map(\.rawValue).joined(separator: ", ")
      throw SafetensorsError(.wrongType(tensor: entry.label, expected: "one of \(known)", found: entry.type))
    }
    let values = type.floats(try bytes(index))
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      throw SafetensorsError(.notFinite(tensor: entry.label, index: index, value: "\(values[index])"))
    }
    return values
  }
}
