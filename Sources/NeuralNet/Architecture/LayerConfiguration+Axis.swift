extension LayerConfiguration {
  /// Takes `axis`, one whole number or a list of one: -1, which is the default, or the last axis by its number. A layer
  /// checks it against its input with `requireChannels`.
  mutating func axis() throws(ArchitectureError) -> Int {
    guard let value = take("axis") else { return -1 }
    let axes = value.whole.map { [$0] } ?? value.elements?.compactMap(\.whole) ?? []
    guard axes.count == 1, value.elements.map({ $0.count == 1 }) ?? true else {
      throw ArchitectureError(layer: layer, "axis = \(value) is not supported; -1, the channels, is")
    }
    return axes[0]
  }
}

extension Shape {
  /// Throws unless an axis, counted as Keras does with the batch as axis 0, is that of the channels.
  func requireChannels(axis: Int) throws(ArchitectureError) {
    guard axis == -1 || axis == rank else {
      throw ArchitectureError("axis = \(axis) of its input \(self) is not supported; -1, the channels, is")
    }
  }
}
