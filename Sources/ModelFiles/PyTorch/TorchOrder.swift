import NeuralNet

/// The order in which a module of PyTorch has a network's values, layer by layer.
///
/// After a convolution PyTorch has the channels before the positions, and so have the pictures that it begins with; what a Flatten
/// makes of them has another order than Keras'. What comes after a recurrent layer, a Dense or a Reshape has the channels last.
package struct TorchOrder {
  private var channelsAreFirst: Bool
  /// The shape that was flattened, where PyTorch's numbers have another order since then.
  package private(set) var flattened: Shape?

  /// The order of the network's input.
  package init(input: Shape) { channelsAreFirst = input.rank == 3 }

  /// Passes a layer: its output's order.
  package mutating func pass(_ stage: Architecture.Stage) {
    switch stage.layer {
    case is Flatten:
      if channelsAreFirst, stage.input.positions > 1, stage.input.channels > 1 { flattened = stage.input }
    case is Conv1D, is Conv2D: (channelsAreFirst, flattened) = (true, nil)
    case is Dense, is any RecurrentLayer, is Bidirectional, is Reshape: (channelsAreFirst, flattened) = (false, nil)
    case is LayerNormalization: channelsAreFirst = false
    default: break
    }
  }
}
