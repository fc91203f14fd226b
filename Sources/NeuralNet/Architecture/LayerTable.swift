/// All layers: a new one is added here, and nowhere else outside its own file.
enum LayerTable {
  static let all: [any Layer.Type] = [
    Dense.self, Activation.self, Dropout.self,
    Conv1D.self, Conv2D.self,
    MaxPooling1D.self, MaxPooling2D.self, AveragePooling1D.self, AveragePooling2D.self,
    LSTM.self, GRU.self, Bidirectional.self,
  ]
}
