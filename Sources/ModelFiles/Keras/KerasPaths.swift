import NeuralNet

/// Where Keras 3 keeps a Sequential model's variables in `model.weights.h5`: a group `vars` for each object that has any or
/// has a name, with its variables `0`, `1`, ... in Keras' order (keras/src/saving/saving_lib.py).
///
///     vars                          the model itself
///     layers/conv1d/vars/0          the first layer of the class Conv1D; layers are counted by class, whatever they are called
///     layers/lstm/cell/vars/0       a recurrent layer's weights are its cell's
///     layers/bidirectional/forward_layer/cell/vars/0
package struct KerasPaths {
  /// A group `vars`.
  package struct Group {
    /// The path, without a slash at the beginning.
    package let path: String
    /// Keras' name of the object: the attribute `name`.
    package let name: String
    /// The network's tensors that are its variables, in order.
    package let tensors: [ParameterTensor]
  }

  /// The groups in the order in which Keras writes them.
  package let groups: [Group]

  /// The groups of a network.
  ///
  /// - Parameter first: the layers, by their classes and names, that the Keras model has before the network's; they have no weights.
  package init(_ architecture: Architecture, after first: [(kerasName: String, name: String)] = []) {
    var groups = [Group(path: "vars", name: architecture.name, tensors: [])]
    var counts: [String: Int] = [:]
    func folder(_ kerasName: String) -> String {
      let kind = LayerNames.snakeCase(kerasName)
      let number = counts[kind, default: 0]
      counts[kind] = number + 1
      return "layers/" + (number == 0 ? kind : "\(kind)_\(number)")
    }
    for layer in first { groups.append(Group(path: "\(folder(layer.kerasName))/vars", name: layer.name, tensors: [])) }
    for stage in architecture.stages {
      let kind = type(of: stage.layer).kerasName
      let folder = folder(kind)
      let tensors = architecture.layout.tensors.filter { $0.name.hasPrefix("\(stage.name)/") }
      func cell(_ kind: String) -> String { "\(LayerNames.snakeCase(kind))_cell" }
      if let wrapper = stage.layer as? Bidirectional {
        groups.append(Group(path: "\(folder)/vars", name: stage.name, tensors: []))
        for direction in ["forward", "backward"] {
          let own = tensors.filter { $0.name.hasPrefix("\(stage.name)/\(direction)/") }
          let inner = "\(folder)/\(direction)_layer"
          let innerName = "\(direction)_\(LayerNames.snakeCase(type(of: wrapper.layer).kerasName))"
          groups.append(Group(path: "\(inner)/vars", name: innerName, tensors: []))
          groups.append(Group(path: "\(inner)/cell/vars", name: cell(type(of: wrapper.layer).kerasName), tensors: own))
        }
      } else if stage.layer is any RecurrentLayer {
        groups.append(Group(path: "\(folder)/vars", name: stage.name, tensors: []))
        groups.append(Group(path: "\(folder)/cell/vars", name: cell(kind), tensors: tensors))
      } else {
        groups.append(Group(path: "\(folder)/vars", name: stage.name, tensors: tensors))
      }
    }
    self.groups = groups
  }

  /// The network's tensors by the paths of their variables.
  var tensors: [String: ParameterTensor] {
    var found: [String: ParameterTensor] = [:]
    for group in groups {
      for (index, tensor) in group.tensors.enumerated() { found["\(group.path)/\(index)"] = tensor }
    }
    return found
  }
}
