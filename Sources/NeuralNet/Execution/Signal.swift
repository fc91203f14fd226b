/// What flows between two layers, for a block of samples: [positions, samples, channels].
///
/// The samples are in the middle, so that a position of all samples is one block of memory: a time step of an LSTM, or a
/// pixel that a window sees. Rows of channels are `stride` numbers apart; numbers between the channels and the stride have
/// no meaning.
struct Signal {
  /// The shape of a sample.
  let shape: Shape
  /// The samples of a block.
  let samples: Int
  /// The distance between rows: the channels, in whole vectors of 16 but for some inputs.
  let stride: Int
  /// The values.
  let values: UnsafeMutablePointer<Float>
  /// The gradient with respect to the values, in the same places; nil where none is needed.
  let gradient: UnsafeMutablePointer<Float>?
  /// Whether the values are a ReLU's whose backward pass the next layer computes with its own: `gradient` is then that with
  /// respect to the ReLU's input, and replaces the values.
  var isRectified = false

  var positions: Int { shape.positions }
  var channels: Int { shape.channels }
  /// The rows: one for each position and sample.
  var rows: Int { positions * samples }
  /// The numbers of one position.
  var block: Int { samples * stride }
  /// The elements of the whole, in whole vectors of 16.
  var count: Int { padded(rows * stride) }

  /// The gradient, which an operation asks for only where it has been laid out.
  var requiredGradient: UnsafeMutablePointer<Float> {
    guard let gradient else { preconditionFailure("a layer without a backward pass was asked for a gradient") }
    return gradient
  }
}

/// A number of channels in whole vectors of 16.
func padded(_ channels: Int) -> Int { (channels + 15) / 16 * 16 }
