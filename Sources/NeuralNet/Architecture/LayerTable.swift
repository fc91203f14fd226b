/// All layers: a new one is added here, and nowhere else outside its own file.
enum LayerTable {
  static let all: [any Layer.Type] = [
    Dense.self, Activation.self, ReLU.self, LeakyReLU.self, Softmax.self, Dropout.self,
    Conv1D.self, Conv2D.self,
    MaxPooling1D.self, MaxPooling2D.self, AveragePooling1D.self, AveragePooling2D.self,
    GlobalMaxPooling1D.self, GlobalMaxPooling2D.self, GlobalAveragePooling1D.self, GlobalAveragePooling2D.self,
    Flatten.self, Reshape.self, Rescaling.self,
    LayerNormalization.self, GroupNormalization.self,
    LSTM.self, GRU.self, Bidirectional.self,
  ]
}

extension Architecture {
  /// Keras' names of all layers that there are.
  public static var layerNames: [String] { LayerTable.all.map { $0.kerasName }.sorted() }
}
