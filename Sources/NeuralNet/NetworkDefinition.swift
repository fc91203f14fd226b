/// The network for Sign Language MNIST, with the semantics of Keras 3:
///
///     Conv1D(64, kernel_size=3, activation="relu", padding="same")     28 time steps (image rows) x 28 channels
///     MaxPooling1D(2)                                                   -> 14 x 64
///     Dropout(0.3)
///     LSTM(64, return_sequences=True, dropout=0.3, recurrent_dropout=0.2)
///     LSTM(64, dropout=0.3)
///     Dense(64, activation="relu")
///     Dropout(0.3)
///     Dense(25, activation="softmax")
///
/// Dimensions in the shapes of this module: B samples of a block, T = 14 time steps, R = 28 image rows, F = 64 features
/// or units.
public enum NetworkDefinition {
  /// Rows (time steps) and columns (channels) of an image.
  public static let imageRows = 28, imageColumns = 28
  /// Pixels of an image.
  public static let pixels = imageRows * imageColumns
  /// The convolution's kernel size, in image rows.
  public static let kernelSize = 3
  /// Filters of the convolution, units of the LSTMs and of the first dense layer: one panel.
  public static let features = 64
  /// Time steps of the LSTM layers' input.
  public static let timeSteps = imageRows / 2
  /// The number of classes: labels 0-24.
  public static let classes = 25
  /// The LSTM's gates, in Keras' order i f c o.
  public static let gates = 4

  /// Multiply-accumulates per sample, forward and backward, without the gradient with respect to the images.
  public static let multiplyAccumulatesPerSample: Int = {
    let convolution = imageRows * kernelSize * imageColumns * features
    let recurrent = 2 * timeSteps * 2 * features * gates * features
    let dense = features * features + features * classes
    return 2 * convolution + 3 * (recurrent + dense)
  }()

  /// The 77,273 parameters, with Keras' names and shapes.
  public static let layout = ParameterLayout([
    ("conv1d/kernel", [kernelSize, imageColumns, features]),
    ("conv1d/bias", [features]),
    ("lstm/kernel", [features, gates * features]),
    ("lstm/recurrent_kernel", [features, gates * features]),
    ("lstm/bias", [gates * features]),
    ("lstm_1/kernel", [features, gates * features]),
    ("lstm_1/recurrent_kernel", [features, gates * features]),
    ("lstm_1/bias", [gates * features]),
    ("dense/kernel", [features, features]),
    ("dense/bias", [features]),
    ("dense_1/kernel", [features, classes]),
    ("dense_1/bias", [classes]),
  ])
}

/// The dropout rates of the layers.
public struct DropoutRates: Sendable, Equatable {
  /// After the pooling.
  public var pooling: Float
  /// Of the first LSTM's input.
  public var firstInput: Float
  /// Of the first LSTM's recurrent state. Above zero, the layer draws one mask per gate for input and state.
  public var firstRecurrent: Float
  /// Of the second LSTM's input.
  public var secondInput: Float
  /// After the first dense layer.
  public var dense: Float

  /// The rates of the original Keras program.
  public static let keras = DropoutRates(
    pooling: 0.3, firstInput: 0.3, firstRecurrent: 0.2, secondInput: 0.3, dense: 0.3)

  /// No dropout.
  public static let none = DropoutRates(pooling: 0, firstInput: 0, firstRecurrent: 0, secondInput: 0, dense: 0)

  /// Dropout with these rates, each from 0 to below 1.
  public init(pooling: Float, firstInput: Float, firstRecurrent: Float, secondInput: Float, dense: Float) {
    self.pooling = pooling
    self.firstInput = firstInput
    self.firstRecurrent = firstRecurrent
    self.secondInput = secondInput
    self.dense = dense
  }
}
