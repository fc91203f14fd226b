import Kernels

/// The dropout factors (0 or 1 / (1 - rate)) of one chunk of 8 samples, drawn once a sample and held over the time steps.
///
/// A sample's masks are groups of 64 factors, numbered in this order: 14 behind the pooling, the first LSTM's input (4 gates
/// where it has recurrent dropout, else 1), its state (4 gates), the second LSTM's input, and behind the dense layer.
public struct DropoutMasks {
  /// The samples of a chunk.
  public static let samples = 8

  /// Behind the pooling, [T, 8, F].
  public let pooling: UnsafeMutablePointer<Float>?
  /// The first LSTM's input, [4 or 1, 8, F].
  public let firstInput: UnsafeMutablePointer<Float>?
  /// The first LSTM's state, [4, 8, F].
  public let firstRecurrent: UnsafeMutablePointer<Float>?
  /// The second LSTM's input, [8, F].
  public let secondInput: UnsafeMutablePointer<Float>?
  /// Behind the dense layer, [8, F].
  public let dense: UnsafeMutablePointer<Float>?

  let rates: DropoutRates

  /// How many masks the first LSTM has for its input.
  var firstInputMasks: Int { rates.firstRecurrent > 0 ? NetworkDefinition.gates : 1 }

  init(rates: DropoutRates, slab: Slab) {
    self.rates = rates
    func masks(_ rate: Float, _ count: Int) -> UnsafeMutablePointer<Float>? {
      rate > 0 ? slab.take(count * Self.samples * NetworkDefinition.features) : nil
    }
    pooling = masks(rates.pooling, NetworkDefinition.steps)
    firstInput = masks(rates.firstInput, rates.firstRecurrent > 0 ? NetworkDefinition.gates : 1)
    firstRecurrent = masks(rates.firstRecurrent, NetworkDefinition.gates)
    secondInput = masks(rates.secondInput, 1)
    dense = masks(rates.dense, 1)
  }

  /// Draws the masks of sample `sample` of the chunk: those of `key`'s row in its epoch.
  func draw(_ key: RowKey, sample: Int) {
    var group = 0
    func fill(_ masks: UnsafeMutablePointer<Float>?, _ rate: Float, _ count: Int) {
      guard let masks else { return }
      for mask in 0..<count {
        let place = masks + (mask * Self.samples + sample) * NetworkDefinition.features
        dropoutFactors(key, group: group + mask, rate: rate, into: place)
      }
      group += count
    }
    fill(pooling, rates.pooling, NetworkDefinition.steps)
    fill(firstInput, rates.firstInput, firstInputMasks)
    fill(firstRecurrent, rates.firstRecurrent, NetworkDefinition.gates)
    fill(secondInput, rates.secondInput, 1)
    fill(dense, rates.dense, 1)
  }
}
